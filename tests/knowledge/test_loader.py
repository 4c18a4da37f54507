"""The real knowledge loads, and holds what the programme and the lifecycle data say."""

from datetime import date

import pytest

from bot.knowledge import load, shared
from bot.knowledge.loader import HERE, LINE_FILES, TABLE_FILES

# Every on-premises line with its versions, newest first.
LINES = {
    "windows_client": "11 10 8_1 8 7 vista xp",
    "windows_client_ltsc": "11_ltsc_2024 10_ltsc_2021 10_ltsc_2019 10_ltsb_2016 10_ltsb_2015",
    "office": "ltsc_2024_2024 ltsc_2021_2021 2019 2016 2013 2010 2007 2003",
    "office_mac": "2019_for_mac 2016_for_mac 2011_for_mac",
    "project": "2024_ltsc 2021_ltsc 2019 2016 2013 2010 2007",
    "visio": "ltsc_2024 ltsc_2021 2019 2016 2013 2010 2007",
    "sql_server": "2025 2022 2019 2017 2016 2014 2012 2008_r2 2008 2005",
    "biztalk_server": "2020 2016 2013_r2 2013 2010 2009",
    "host_integration_server": "2020 2016 2013 2010 2009",
    "power_bi_report_server": "continuous",
    "visual_studio": "2026 2022 2019 2017 2015 2013 2012 2010 2008",
    "azure_devops_server": (
        "azure_devops_server_continuous 2022 2020 2019 tfs_2018 tfs_2017 tfs_2015 tfs_2013 tfs_2012 tfs_2010"
    ),
    "dynamics_crm": "9_x_customer_engagement_on_premises 2016_8_x 2015 2013 2011 4_0",
    "dynamics_nav_bc": (
        "business_central_15_x_and_later_modern_policy business_central_14_x_13_x_fixed_policy nav_2018 nav_2017 "
        "nav_2016 nav_2015 nav_2013_r2 nav_2013 nav_2009_r2 nav_2009"
    ),
    "dynamics_ax_fo": "dynamics_365_finance_operations_on_premises ax_2012_r3 ax_2012_r2 ax_2012 ax_2009 ax_4_0",
    "dynamics_gp": "18_2_and_later_modern_policy 2018_r2 2018 2016_r2 2016 2015_r2 2015 2013_r2 2013 2010",
    "dynamics_sl": "2018 2015 2011 7_0",
    "dynamics_c5": "2016 2015 2014 2012",
    "exchange_server": "subscription_edition 2019 2016 2013 2010 2007 2003",
    "sharepoint_server": "subscription_edition 2019 2016 2013 2010 2007",
    "skype_for_business_server": "subscription_edition 2019 2015 lync_2013 lync_2010 ocs_2007_r2 ocs_2007",
    "project_server": "subscription_edition 2019 2016 2013 2010 2007",
    "office_online_server": "office_online_server",
    "system_center_operations_manager": "2025 2022 2019 1807_1801_sac 2016 2012_r2 2012",
    "system_center_virtual_machine_manager": "2025 2022 2019 1807_1801_sac 2016 2012_r2 2012",
    "system_center_data_protection_manager": "2025 2022 2019 1807_1801_sac 2016 2012_r2 2012",
    "system_center_service_manager": "2025 2022 2019 1807_1801_sac 2016 2012_r2 2012",
    "system_center_orchestrator": "2025 2022 2019 1807_1801_sac 2016 2012_r2 2012",
    "configuration_manager": "current_branch ltsb_1606 2012_r2 2012 2007_r3 2007",
    "windows_server": "2025 2022 2019 2016 2012_r2 2012 2008_r2 2008 2003_r2 2003",
    "windows_server_sac": "23h2_annual_channel 20h2 2004 1909 1903 1809 1803 1709",
    "hyper_v_server": "2019 2016 2012_r2 2012 2008_r2 2008",
    "identity_manager": "mim_2016 fim_2010_r2 fim_2010 ilm_2007",
    "forefront": "tmg_2010 uag_2010 endpoint_protection_2010 protection_2010_for_exchange isa_server_2006 isa_server_2004",
    "advanced_threat_analytics": "1_x",
    "windows_admin_center": "continuous_latest_2511",
    "azure_stack": "azure_stack_hci azure_stack_hub",
    "small_business_server": "2011 2008 2003_r2",
}

# Days on which something begins or ends: line, version, release, mainstream end, extended end.
DAYS = [
    ("windows_server", "2025", "2024-11-01", "2029-11-13", "2034-11-14"),
    ("windows_server", "2022", "2021-08-18", "2026-10-13", "2031-10-14"),
    ("windows_server", "2016", "2016-10-15", "2022-01-11", "2027-01-12"),
    ("windows_server", "2012_r2", "2013-11-25", "2018-10-09", "2023-10-10"),
    ("sql_server", "2022", "2022-11-16", "2028-01-11", "2033-01-11"),
    ("sql_server", "2019", "2019-11-04", "2025-02-28", "2030-01-08"),
    ("exchange_server", "2019", "2018-10-22", "2024-01-09", "2025-10-14"),
    ("exchange_server", "2016", "2015-10-01", "2020-10-13", "2025-10-14"),
    ("exchange_server", "subscription_edition", "2025-07-01", None, None),
    ("sharepoint_server", "2019", "2018-10-22", "2024-01-09", "2026-07-14"),
    ("sharepoint_server", "subscription_edition", "2021-11-02", None, None),
    ("dynamics_gp", "2018", "2017-12-01", "2023-01-10", "2028-01-11"),
    ("visual_studio", "2019", "2019-04-02", "2024-04-09", "2029-04-10"),
    ("biztalk_server", "2020", "2020-02-01", "2028-04-11", "2030-04-09"),
    ("hyper_v_server", "2019", "2018-11-13", "2024-01-09", "2029-01-09"),
    ("project_server", "2019", "2018-10-22", "2024-01-09", "2026-07-14"),
    ("small_business_server", "2011", "2011-03-09", None, None),
]

# A release of the same base year does not move N (R4).
BASES = [
    ("windows_server", "2012_r2", "2012"),
    ("windows_server", "2008_r2", "2008"),
    ("windows_server", "2003_r2", "2003"),
    ("sql_server", "2008_r2", "2008"),
    ("biztalk_server", "2013_r2", "2013"),
    ("hyper_v_server", "2012_r2", "2012"),
    ("system_center_operations_manager", "2012_r2", "2012"),
    ("configuration_manager", "2012_r2", "2012"),
    ("configuration_manager", "2007_r3", "2007"),
    ("skype_for_business_server", "ocs_2007_r2", "ocs_2007"),
    ("dynamics_nav_bc", "nav_2013_r2", "nav_2013"),
    ("windows_client", "8_1", "8"),
]

# What people write for a version of a line.
WRITTEN = [
    ("windows_server", "w2k19", "2019"),
    ("windows_server", "2012R2", "2012_r2"),
    ("windows_server", "ws2025", "2025"),
    ("windows_server", "server 2016", "2016"),
    ("exchange_server", "ex2016", "2016"),
    ("exchange_server", "SE", "subscription_edition"),
    ("exchange_server", "Subscription Edition", "subscription_edition"),
    ("exchange_server", "e19", "2019"),
    ("sql_server", "16", "2016"),
    ("sql_server", "2008 r2", "2008_r2"),
    ("dynamics_nav_bc", "NAV 2018", "nav_2018"),
    ("dynamics_ax_fo", "AX 2012 R3", "ax_2012_r3"),
    ("azure_devops_server", "TFS 2018", "tfs_2018"),
    ("windows_client", "8.1", "8_1"),
]

# Another name of each line.
NAMES = {
    "windows_server": "active directory",
    "exchange_server": "msexchange",
    "system_center_operations_manager": "scom",
    "system_center_virtual_machine_manager": "scvmm",
    "system_center_data_protection_manager": "dpm",
    "configuration_manager": "sccm",
    "azure_devops_server": "tfs",
    "dynamics_nav_bc": "navision",
    "small_business_server": "sbs",
    "office_online_server": "oos",
    "identity_manager": "mim",
    "advanced_threat_analytics": "ata",
}

# Portal of each workload, whether ids are needed the first time, whether the portal is our reading.
WORKLOADS = {
    "azure": ("azure_portal", True, False),
    "azure_virtual_desktop": ("azure_portal", True, True),
    "azure_ad": ("azure_portal", None, True),
    "azure_stack": ("azure_portal", True, True),
    "dynamics365_fo": ("lifecycle_services", True, False),
    "dynamics365_ce": ("power_platform_admin_center", True, False),
    "business_central_online": ("partner_center_support", None, False),
    "power_platform": ("power_platform_admin_center", True, False),
    "power_bi": ("power_platform_admin_center", None, False),
    "microsoft365": ("microsoft365_admin_center", False, False),
    "skype_online": ("microsoft365_admin_center", False, True),
    "intune_ems": ("endpoint_manager_admin_center", None, False),
    "windows365": ("endpoint_manager_admin_center", None, True),
    "defender_cloud": ("microsoft365_security_center", None, True),
    "visual_studio_cloud": ("partner_center_support", None, True),
    "marketplace": ("publisher", False, False),
}

FAMILIES = {
    "exchange": ("exchange_server", "microsoft365"),
    "sharepoint": ("sharepoint_server", "microsoft365"),
    "skype_for_business": ("skype_for_business_server", "skype_online"),
    "office": ("office", "microsoft365"),
    "sql": ("sql_server", "azure"),
    "dynamics_365": ("dynamics_crm", "dynamics365_ce"),
    "business_central": ("dynamics_nav_bc", "business_central_online"),
    "azure_devops": ("azure_devops_server", "azure"),
    "project": ("project", "microsoft365"),
}

CLOUD_COMPETENCIES = {
    "security",
    "cloud_business_applications",
    "cloud_platform",
    "cloud_productivity",
    "enterprise_mobility_management",
    "small_and_midmarket_cloud_solutions",
}
OTHER_COMPETENCIES = {
    "application_development",
    "application_integration",
    "devops",
    "datacenter",
    "enterprise_resource_planning",
    "project_and_portfolio_management",
    "data_analytics",
    "data_platform",
    "collaboration_and_content",
    "communications",
    "messaging",
    "windows_and_devices",
}

# The steps of each procedure, in order.
PROCEDURES = {
    "activate_benefits": ["sign_in", "open_page", "select_activate", "see_ids"],
    "get_ids": ["open_page", "note_ids"],
    "add_contract": ["start", "expand_plans", "enter_ids"],
    "link_support_benefits": ["open_plans", "enter_ids", "check_plan"],
    "add_contract_in_workload_portal": ["open_portal", "enter_ids"],
    "support_for_business": ["open", "choose_product", "choose_contract", "describe"],
    "azure_portal": ["open", "new_request", "choose_plan"],
    "customers_service_management": ["open_customers", "new_request", "choose_workload", "choose_plan"],
    "check_remaining": ["start", "step_two", "add_if_missing", "unavailable", "stop"],
    "switch_account": ["account_icon", "other_account", "open_page"],
    "find_administrator": ["open_user_management", "filter", "ask"],
    "paid_support": ["compare", "buy"],
    "presales_and_deployment": ["open", "region", "submit"],
    "partner_center_support": ["open", "issue_type", "submit"],
}

ADDRESSES = {
    "support_for_business": "https://support.serviceshub.microsoft.com/supportforbusiness/create",
    "azure_portal": "https://portal.azure.com",
    "customers_service_management": "https://partner.microsoft.com/commerce/customers/list",
    "partner_center": "https://partner.microsoft.com/dashboard",
    "technical_benefits_page": "https://partner.microsoft.com/dashboard/mpn/membership/benefits/technical",
    "user_management": "https://partner.microsoft.com/dashboard/account/v3/usermanagement#users",
    "partner_support_plans": "https://partner.microsoft.com/support/partnersupport",
    "n1_policy": "https://aka.ms/n-1",
    "lifecycle_services": "https://lcs.dynamics.com",
}

LABELS = [
    ("support_for_business", "add_contract", "Add Contract"),
    ("support_for_business", "more_plans", "Do you need to purchase or add more support plans"),
    ("support_for_business", "unavailable_plans", "Would you like to see unavailable support plans?"),
    ("azure_portal", "help_support", "Help + Support"),
    ("azure_portal", "support_plans", "Support Plans"),
    ("azure_portal", "link_benefits", "Link support benefits"),
    ("azure_portal", "new_request", "+ New Support request"),
    ("azure_portal", "csp_plan", "Cloud Solution Provider"),
    ("customers_service_management", "service_management", "Service Management"),
    ("customers_service_management", "new_request", "New request"),
    ("partner_center", "other_account", "Sign-in with another account"),
    ("technical_benefits_page", "activate", "Activate"),
    ("user_management", "global_admin", "Global admin"),
    ("user_management", "mpn_partner_admin", "MPN Partner Admin"),
]


@pytest.fixture(scope="module")
def catalogue():
    return shared().catalogue


def day(text):
    return date.fromisoformat(text) if text else None


def test_the_knowledge_loads_from_its_own_folder():
    assert load().catalogue == shared().catalogue


def test_there_are_38_on_premises_lines(catalogue):
    assert len(LINES) == 38
    assert set(LINES) <= set(catalogue.lines)


@pytest.mark.parametrize("line", LINES)
def test_a_line_has_every_version_newest_first(catalogue, line):
    known = LINES[line].split()
    assert [version for version in catalogue.lines[line].versions if version in known] == known


def test_versions_dates_and_aliases_are_as_many_as_the_lifecycle_data_has(catalogue):
    versions = [version for line in catalogue.lines.values() for version in line.versions.values()]
    assert len(versions) >= 227
    assert sum(version.release is not None for version in versions) >= 220
    assert sum(version.mainstream_end is not None for version in versions) >= 186
    assert sum(version.extended_end is not None for version in versions) >= 178
    assert sum(version.support_end is not None for version in versions) >= 14
    assert sum(len(version.aliases) for version in versions) >= 442
    assert sum(len(line.aliases) + len(line.weak_aliases) + len(line.parts) for line in catalogue.lines.values()) >= 181


@pytest.mark.parametrize("line, version, release, mainstream_end, extended_end", DAYS)
def test_a_version_has_its_days(catalogue, line, version, release, mainstream_end, extended_end):
    found = catalogue.lines[line].versions[version]
    days = (found.release, found.mainstream_end, found.extended_end)
    assert days == (day(release), day(mainstream_end), day(extended_end))


@pytest.mark.parametrize("line, version, base", BASES)
def test_a_second_release_counts_as_its_base(catalogue, line, version, base):
    assert catalogue.lines[line].versions[version].counts_as == base


def test_a_version_counts_as_itself_otherwise(catalogue):
    assert catalogue.lines["windows_server"].versions["2019"].counts_as == "2019"


def test_channel_releases_of_windows_server_are_not_in_the_sequence(catalogue):
    assert not any(version.in_sequence for version in catalogue.lines["windows_server_sac"].versions.values())
    assert all(version.in_sequence for version in catalogue.lines["windows_server"].versions.values())


def test_a_modern_version_has_no_mainstream_phase(catalogue):
    modern = [v for line in catalogue.lines.values() for v in line.versions.values() if v.policy == "modern"]
    assert len(modern) >= 10
    assert all(version.mainstream_end is None and version.extended_end is None for version in modern)


@pytest.mark.parametrize("line, written, version", WRITTEN)
def test_a_version_is_found_as_people_write_it(catalogue, line, written, version):
    assert catalogue.lines[line].version_named(written) == version


@pytest.mark.parametrize("line", NAMES)
def test_a_line_is_known_by_its_other_name(catalogue, line):
    found = catalogue.lines[line]
    assert NAMES[line] in [alias.lower() for alias in (*found.aliases, *found.weak_aliases, *found.parts)]


def test_every_line_has_another_name(catalogue):
    assert [key for key, line in catalogue.lines.items() if not line.aliases] == []


def test_there_are_16_cloud_workloads_each_with_its_portal(catalogue):
    assert len(WORKLOADS) == 16
    found = {key: (entry.portal, entry.ids_needed, entry.inferred) for key, entry in catalogue.workloads.items()}
    assert {key: found.get(key) for key in WORKLOADS} == WORKLOADS


def test_there_are_9_ambiguous_families(catalogue):
    assert len(FAMILIES) == 9
    found = {key: (family.on_premises, family.cloud) for key, family in catalogue.families.items()}
    assert {key: found.get(key) for key in FAMILIES} == FAMILIES


def test_the_family_dynamics_365_offers_its_applications(catalogue):
    members = catalogue.families["dynamics_365"].members()
    assert {"dynamics365_ce", "dynamics365_fo", "business_central_online", "dynamics_crm"} <= set(members)


def test_there_are_18_competencies_six_of_them_cloud():
    kinds = {key: entry.kind for key, entry in shared().competencies.items()}
    assert len(CLOUD_COMPETENCIES | OTHER_COMPETENCIES) == 18
    assert {key for key, kind in kinds.items() if kind == "cloud"} == CLOUD_COMPETENCIES | {"cloud"}
    assert {key for key, kind in kinds.items() if kind == "other"} == OTHER_COMPETENCIES | {"other"}


def test_the_offers_give_what_the_table_says():
    offers = shared().offers
    on_premises = {key: offer.microsoft_product_support for key, offer in offers.items()}
    assert on_premises == {"action_pack": 10, "silver": 15, "gold": 20}
    assert offers["action_pack"].signature_cloud_support is None
    assert offers["silver"].signature_cloud_support == {"cloud_competency": "unlimited", "other_competency": 5}
    assert offers["gold"].signature_cloud_support == {"cloud_competency": "unlimited", "other_competency": 10}


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_a_procedure_has_its_steps_in_order(procedure):
    assert [step.id for step in shared().procedures[procedure].steps] == PROCEDURES[procedure]


@pytest.mark.parametrize("portal", ADDRESSES)
def test_a_portal_has_its_address(portal):
    assert shared().portals[portal].url == ADDRESSES[portal]


@pytest.mark.parametrize("portal, label, text", LABELS)
def test_a_label_is_spelled_as_on_the_screen(portal, label, text):
    assert shared().portals[portal].labels[label] == text


def test_the_error_messages_are_as_they_appear_on_screen():
    messages = {key: error.message for key, error in shared().errors.items()}
    assert messages["not_authorized"] == "You are not authorized for this action"
    assert messages["no_benefits_yet"] == "Looks like you don't have any benefits yet"
    assert messages["access_id_already_associated"] == (
        "This Access ID is already associated to an account. "
        "Please contact your Technical Account Manager to obtain a new Access ID"
    )


def test_the_roles_prove_what_they_may_do():
    roles = shared().roles
    assert {key: role.proves for key, role in roles.items() if role.proves} == {
        "global_admin": {"activation_role": "yes"},
        "mpn_partner_admin": {"activation_role": "yes"},
        "admin_agent": {"admin_agent": "yes"},
    }
    assert "activate_benefits" in roles["global_admin"].may
    assert "activate_benefits" not in roles["mpn_user"].may
    assert "view_ids" in roles["mpn_user"].may
    assert "create_on_premises_requests" in roles["any_account"].may


def test_the_numbered_facts_are_all_there():
    facts = shared().sources.facts
    assert [f"S{number}" for number in range(1, 114) if f"S{number}" not in facts] == []
    assert [f"R{number}" for number in range(1, 13) if f"R{number}" not in facts] == []


def test_yes_and_no_are_words_and_flags_are_truth_values():
    facts = shared().programme.facts
    assert facts["contract_linked"].values == ("yes", "no", "unsure")
    assert facts["offer"].company is True
    assert facts["product"].company is False


def test_every_file_of_the_folder_is_read():
    listed = {*LINE_FILES, "products/cloud.yml", "products/families.yml", *(f"decisions/{name}.yml" for name in TABLE_FILES)}
    found = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*.yml") if path.parent != HERE}
    assert found == listed
