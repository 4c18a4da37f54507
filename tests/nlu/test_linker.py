"""The entity linker, over the real knowledge."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge import shared
from bot.nlu.entity import PLATFORM
from bot.nlu.linker import Linker
from bot.nlu.text import tokenize

CATALOGUE = shared().catalogue


def product_focus(found):
    """Return the products that may be the broken one: those that are no platform, each once."""
    return list(
        {entity.value: entity for entity in found if entity.entity == "product" and entity.role != PLATFORM}.values()
    )


@pytest.fixture(scope="module")
def linker():
    return Linker(shared())


def pairs(linker, text):
    """Return (entity, value) of everything found, with the role as a third part when there is one."""
    return [(e.entity, e.value, e.role) if e.role else (e.entity, e.value) for e in linker.entities(text)]


def product(value):
    return ("product", value)


def version(value):
    return ("version", value)


EXCHANGE_2016 = [product("exchange_server"), version("2016")]
EXCHANGE_2019 = [product("exchange_server"), version("2019")]
SERVER_2019 = [product("windows_server"), version("2019")]
SERVER_2012_R2 = [product("windows_server"), version("2012_r2")]
SQL_2016 = [product("sql_server"), version("2016")]


@pytest.mark.parametrize(
    "text", ["exchange 2016", "EXCHANGE 2016", "Exchange Server 2016", "eXcHaNgE sErVeR 2016", "Microsoft Exchange 2016"]
)
def test_case_and_the_word_microsoft_make_no_difference(linker, text):
    assert pairs(linker, text) == EXCHANGE_2016


@pytest.mark.parametrize(
    "text", ["exchange2016", "Exchange-2016", "exchange_2016", "Exchange '16", "Exch 2k16", "ex2016", "Exchange: 2016"]
)
def test_the_way_a_version_is_joined_to_its_product_makes_no_difference(linker, text):
    assert pairs(linker, text) == EXCHANGE_2016


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Exchange servers 2016", EXCHANGE_2016),
        ("Windows Servers 2019", SERVER_2019),
        ("our exchanges are down", [product("exchange")]),
        ("onze klanten", [("beneficiary", "customer")]),
        ("our customers", [("beneficiary", "customer")]),
    ],
)
def test_plurals_are_found(linker, text, expected):
    assert pairs(linker, text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("exchagne 2016", EXCHANGE_2016),
        ("Excange Server 2016", EXCHANGE_2016),
        ("exchhange 2016", EXCHANGE_2016),
        ("exchamge 2016", EXCHANGE_2016),
        ("Windwos Server 2019", SERVER_2019),
        ("sharepiont 2019", [product("sharepoint_server"), version("2019")]),
        ("SharePiont Servers 2019", [product("sharepoint_server"), version("2019")]),
        ("dynamcis nav 2018", [product("dynamics_nav_bc"), version("nav_2018")]),
        ("we are silvre partner", [("offer", "silver")]),
        ("voor een klnat", [("beneficiary", "customer")]),
    ],
)
def test_a_typo_of_one_letter_in_a_word_of_five_or_more_is_forgiven(linker, text, expected):
    assert pairs(linker, text) == expected


@pytest.mark.parametrize("text", ["sqk 2016", "exxchangge", "shearpiont", "gols", "goal", "tams"])
def test_a_typo_in_a_short_word_or_of_two_letters_is_not_guessed(linker, text):
    assert not [entity for entity in linker.entities(text) if entity.entity != "version"]


@pytest.mark.parametrize("text", ["where can I change this", "he exchanged views", "the office", "windmill"])
def test_a_common_word_near_an_alias_is_no_typo_of_it(linker, text):
    assert product("exchange") not in pairs(linker, text) and product("windows_client") not in pairs(linker, text)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Windows Server 2012 R2", SERVER_2012_R2),
        ("Windows Server 2012r2", SERVER_2012_R2),
        ("windows server 2012 r 2", SERVER_2012_R2),
        ("w2k12r2", SERVER_2012_R2),
        ("server 2012 r2", SERVER_2012_R2),
        ("w2k19", SERVER_2019),
        ("W2K19", SERVER_2019),
        ("ws2019", SERVER_2019),
        ("windows 2019", SERVER_2019),
        ("SQL 16", SQL_2016),
        ("sql16", SQL_2016),
        ("SQL Server 2016", SQL_2016),
        ("sqlserver 2016", SQL_2016),
        ("sql express 2016", SQL_2016),
        ("SQL 2008 R2", [product("sql_server"), version("2008_r2")]),
        ("NAV 2018", [product("dynamics_nav_bc"), version("nav_2018")]),
        ("nav2018", [product("dynamics_nav_bc"), version("nav_2018")]),
        ("Dynamics NAV 2018", [product("dynamics_nav_bc"), version("nav_2018")]),
        ("AX 2012 R3", [product("dynamics_ax_fo"), version("ax_2012_r3")]),
        ("BC14", [product("dynamics_nav_bc"), version("business_central_14_x_13_x_fixed_policy")]),
        ("Business Central 18", [product("dynamics_nav_bc"), version("business_central_15_x_and_later_modern_policy")]),
        ("Exchange SE", [product("exchange_server"), version("subscription_edition")]),
        ("SharePoint Subscription Edition", [product("sharepoint_server"), version("subscription_edition")]),
        ("sp se", [product("sharepoint_server"), version("subscription_edition")]),
        ("SP2019", [product("sharepoint_server"), version("2019")]),
        ("Lync 2013", [product("skype_for_business_server"), version("lync_2013")]),
        ("Skype for Business Server 2015", [product("skype_for_business_server"), version("2015")]),
        ("TFS 2018", [product("azure_devops_server"), version("tfs_2018")]),
        ("Windows 8.1", [product("windows_client"), version("8_1")]),
        ("win10 22H2", [product("windows_client"), version("10")]),
        ("windows server 1809", [product("windows_server_sac"), version("1809")]),
        ("windows server 2004", [product("windows_server_sac"), version("2004")]),
        ("office ltsc 2021", [product("office"), version("ltsc_2021_2021")]),
        ("visio LTSC 2021", [product("visio"), version("ltsc_2021")]),
        ("windows 10 ltsc 2019", [product("windows_client_ltsc"), version("10_ltsc_2019")]),
        ("sccm 2012 R2", [product("configuration_manager"), version("2012_r2")]),
        ("dynamics 365 9.1", [product("dynamics_crm"), version("9_x_customer_engagement_on_premises")]),
        ("Power BI Report Server", [product("power_bi_report_server")]),
    ],
)
def test_products_and_versions_are_found_as_people_write_them(linker, text, expected):
    assert pairs(linker, text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2019", "2019"),
        ("2019?", "2019"),
        ("it is 2019", "2019"),
        ("wacht, het is 2019", "2019"),
        ("versie 2019", "2019"),
        ("v2019", "2019"),
        ("2k19", "2019"),
        ("2012r2", "2012_r2"),
        ("2012 R2", "2012_r2"),
        ("2k12r2", "2012_r2"),
        ("Subscription Edition", "subscription_edition"),
        ("SE", "se"),
        ("9.1", "9_1"),
    ],
)
def test_a_version_alone_is_left_to_the_product_at_hand(linker, text, expected):
    assert pairs(linker, text) == [version(expected)]


@pytest.mark.parametrize(
    "text",
    [
        "CU14",
        "CU 23",
        "SP2",
        "KB5001779",
        "event id 2019",
        "error 2013",
        "we have 2016 users",
        "we have 16 servers",
        "port 1433",
        "since 2019",
        "in 2016",
        "sinds 2016",
        "24 mei 2019",
        "March 2021",
        "R2",
        "we lost 12 mailboxes",
        "20 GB",
        "10 minutes",
    ],
)
def test_an_update_a_date_a_code_or_a_count_is_no_version(linker, text):
    assert pairs(linker, text) == []


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Exchange 2016 CU14", EXCHANGE_2016),
        ("Exchange 2016 with CU 14 installed", EXCHANGE_2016),
        ("CU 23 of Exchange 2016", EXCHANGE_2016),
        ("Exchange 2016 SP2", EXCHANGE_2016),
        ("sql server 2016 sp2", SQL_2016),
        ("SQL with 16 cores", [product("sql")]),
        ("15 years of experience with Exchange 2016", EXCHANGE_2016),
        ("since 2019 our Exchange is slow", [product("exchange")]),
    ],
)
def test_other_numbers_beside_a_product_are_not_its_version(linker, text, expected):
    assert pairs(linker, text) == expected


def test_sharepoint_is_not_seen_in_a_service_pack(linker):
    assert pairs(linker, "sharepoint sp1") == [product("sharepoint")]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("SQL Server 2012 R2", "sql_server"),
        ("SQL Server 2012r2", "sql_server"),
        ("Exchange Server 2012 R2", "exchange_server"),
        ("sharepoint server 2012 r2", "sharepoint_server"),
        ("Exchange Server 2025", "exchange_server"),
    ],
)
def test_the_word_server_in_another_product_is_no_windows_server(linker, text, expected):
    assert [e.value for e in linker.entities(text) if e.entity == "product"] == [expected]


# Every name of every product


def parts(name):
    return [re.sub(r"\(.*?\)", "", part).strip() for part in re.sub(r"\(.*?\)", "", name).split(" / ")]


def names_a_version(line, alias):
    """Say whether an alias of the line says by itself which version it is ("windows server 1809")."""
    return (
        line.version_named(alias) is not None
        or any(alias in v.aliases for v in line.versions.values())
        or (line.version_named(alias.split()[-1]) is not None)
    )


def named_with_every_version():
    """Yield every name of every line with the label of every version."""
    for line in CATALOGUE.lines.values():
        for name in (*parts(line.name), *line.aliases):
            if name == "system center" or names_a_version(line, name):
                continue
            for found in line.versions.values():
                yield pytest.param(f"{name} {re.sub(r'[(].*?[)]', '', found.label).strip()}", line, found.id)


@pytest.mark.parametrize("text, line, wanted", named_with_every_version())
def test_every_name_of_a_line_with_every_version_label_is_that_version_of_it(linker, text, line, wanted):
    found = linker.entities(text)
    (named,) = {entity.value for entity in found if entity.entity == "product"}
    kind = CATALOGUE.resolve(named, None, wanted)
    # "Azure Stack" is a line and a workload, and is then the workload.
    assert kind is line or kind is CATALOGUE.workloads.get(line.id)
    assert wanted in {entity.value for entity in found if entity.entity == "version"}


@pytest.mark.parametrize(
    "text, line, wanted",
    [
        (alias, line.id, found.id)
        for line in CATALOGUE.lines.values()
        for found in line.versions.values()
        for alias in found.aliases
        if re.search(r"[a-z]{2}", alias) and alias != "se" and not alias.startswith("lts")
    ],
)
def test_every_alias_of_a_version_is_that_version(linker, text, line, wanted):
    found = pairs(linker, text)
    assert product(line) in found and version(wanted) in found


@pytest.mark.parametrize(
    "text, wanted",
    [
        (alias, kind.id)
        for group in (CATALOGUE.workloads, CATALOGUE.families)
        for kind in group.values()
        for alias in (*kind.aliases, *kind.weak_aliases)
    ],
)
def test_every_alias_of_a_workload_or_a_family_is_that_one(linker, text, wanted):
    assert [entity for entity in pairs(linker, text) if entity[0] == "product"] == [product(wanted)]


@pytest.mark.parametrize("text, wanted", [("System Center 2019", "2019"), ("system center 2012 R2", "2012_r2")])
def test_system_center_alone_is_any_of_its_products_each_with_the_version(linker, text, wanted):
    found = linker.entities(text)
    assert {e.value for e in found if e.entity == "product"} == {
        key for key in CATALOGUE.lines if key.startswith("system_center_")
    }
    assert {e.value for e in found if e.entity == "version"} == {wanted}


# Families


@pytest.mark.parametrize(
    "text, family",
    [
        ("Exchange is down", "exchange"),
        ("SharePoint search is slow", "sharepoint"),
        ("Skype for Business", "skype_for_business"),
        ("Office keeps crashing", "office"),
        ("SQL", "sql"),
        ("Dynamics is slow", "dynamics_365"),
        ("Business Central", "business_central"),
        ("Azure DevOps build fails", "azure_devops"),
        ("MS Project", "project"),
    ],
)
def test_an_ambiguous_name_is_its_family(linker, text, family):
    assert pairs(linker, text) == [product(family)]


@pytest.mark.parametrize(
    "text", ["Exchange Online", "SharePoint Online", "Office 365", "microsoft office 365", "MS Office 365", "Teams", "m365"]
)
def test_a_cloud_name_is_no_family(linker, text):
    assert pairs(linker, text) == [product("microsoft365")]


def test_a_version_makes_a_family_its_on_premises_product(linker):
    assert pairs(linker, "Exchange draait hier al jaren, versie 2016") == EXCHANGE_2016


def test_a_member_that_is_named_takes_the_place_of_its_family(linker):
    assert pairs(linker, "Exchange, or rather Exchange Online") == [product("microsoft365")]


@pytest.mark.parametrize(
    "text, found",
    [
        ("the mail flow to the outside world has been broken for hours now", False),
        ("our project is late because nothing works here since this morning", False),
        ("Flow is broken", True),
        ("our Flow does not start any more since this morning", True),
        ("we cannot open microsoft project files any more since this morning", True),
    ],
)
def test_an_everyday_word_counts_only_where_it_looks_like_a_name(linker, text, found):
    assert bool(product_focus(linker.entities(text))) is found


# Two products


@pytest.mark.parametrize(
    "text, focus, platforms",
    [
        ("Exchange 2016 on Windows Server 2012 R2", "exchange_server", ["windows_server"]),
        ("SQL Server 2019 draait op Windows Server 2016", "sql_server", ["windows_server"]),
        ("onze Exchange 2019 op een Windows Server 2022", "exchange_server", ["windows_server"]),
        ("SCOM 2019 agent on Windows Server 2012 R2", "system_center_operations_manager", ["windows_server"]),
        ("SharePoint 2019 op SQL Server 2016 op Windows Server 2019", "sharepoint_server", ["sql_server", "windows_server"]),
        ("SharePoint 2019 running on SQL 2016", "sharepoint_server", ["sql_server"]),
    ],
)
def test_what_the_broken_product_runs_on_is_only_its_platform(linker, text, focus, platforms):
    found = linker.entities(text)
    assert [entity.value for entity in product_focus(found)] == [focus]
    assert [e.value for e in found if e.entity == "product" and e.role == "platform"] == platforms


def test_each_product_keeps_its_own_version(linker):
    assert pairs(linker, "Exchange 2016 on Windows Server 2012 R2") == [
        *EXCHANGE_2016,
        ("product", "windows_server", "platform"),
        ("version", "2012_r2", "platform"),
    ]


@pytest.mark.parametrize("text", ["SQL Server 2016 and SharePoint 2019", "SharePoint 2019 en SQL 2016 doen het niet"])
def test_two_products_side_by_side_are_both_in_question(linker, text):
    assert {entity.value for entity in product_focus(linker.entities(text))} == {"sql_server", "sharepoint_server"}


def test_a_product_named_twice_is_in_question_once(linker):
    assert [
        e.value for e in product_focus(linker.entities("Azure VM down, the Azure portal says nothing, Azure AD? no: azure"))
    ].count("azure") == 1


# Other facts


@pytest.mark.parametrize(
    "text, expected",
    [
        ("we're gold partners", [("offer", "gold")]),
        ("wij zijn zilver", [("offer", "silver")]),
        ("we're an Action Pack member", [("offer", "action_pack")]),
        ("actionpack", [("offer", "action_pack")]),
        ("geen lidmaatschap", [("offer", "none")]),
        ("I am a global admin", [("role", "global_admin")]),
        ("ik ben globale beheerder", [("role", "global_admin")]),
        ("MPN Partner Admin", [("role", "mpn_partner_admin")]),
        ("admin agent", [("role", "admin_agent")]),
        ("on-prem", [("deployment", "on_premises")]),
        ("op onze eigen servers", [("deployment", "on_premises")]),
        ("in the cloud", [("deployment", "cloud")]),
        ("voor een klant", [("beneficiary", "customer")]),
        ("for our own company", [("beneficiary", "own_organization")]),
        ("voor onszelf", [("beneficiary", "own_organization")]),
        ("cloud competency", [("competency", "cloud")]),
        ("security competency", [("competency", "security")]),
        ("You are not authorized for this action", [("error", "not_authorized")]),
        ("U bent niet gemachtigd voor deze actie", [("error", "not_authorized")]),
        ("Looks like you don't have any benefits yet", [("error", "no_benefits_yet")]),
        ("This Access ID is already associated to an account.", [("error", "access_id_already_associated")]),
        ("the Activate button is greyed out", [("error", "activate_greyed_out")]),
    ],
)
def test_other_facts_are_found_in_both_languages(linker, text, expected):
    assert pairs(linker, text) == expected


def test_one_message_can_carry_many_facts(linker):
    text = "Our customer's Exchange 2016 stopped delivering mail, we're silver"
    assert pairs(linker, text) == [("beneficiary", "customer"), *EXCHANGE_2016, ("offer", "silver")]


# Denials


@pytest.mark.parametrize(
    "text",
    [
        "not gold but silver",
        "geen gold maar silver",
        "geen goud maar zilver",
        "niet goud maar zilver",
        "not gold, silver",
        "we are silver, not gold",
        "silver, geen gold",
        "we don't have gold but silver",
        "we're not a gold partner but silver",
    ],
)
def test_of_what_is_denied_and_what_is_said_instead_the_second_counts(linker, text):
    assert pairs(linker, text) == [("offer", "silver")]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("not 2016 but 2019", [version("2019")]),
        ("niet 2016, 2019", [version("2019")]),
        ("no, not exchange 2016 but 2019", EXCHANGE_2019),
        ("het is geen Exchange 2019 maar SQL 2016", SQL_2016),
        ("not Exchange 2016 but SharePoint", [product("sharepoint")]),
        ("it's not Exchange but SQL", [product("sql")]),
        ("not for a customer but for our own company", [("beneficiary", "own_organization")]),
        ("niet in de cloud maar on-prem", [("deployment", "on_premises")]),
    ],
)
def test_a_denial_works_for_every_kind_of_fact(linker, text, expected):
    assert pairs(linker, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "we don't have gold",
        "wij hebben geen zilver",
        "not silver or gold",
        "geen zilver of goud",
        "not in the cloud",
        "it is not 2016",
        "this is not for a customer",
    ],
)
def test_what_is_only_denied_is_no_fact(linker, text):
    assert pairs(linker, text) == []


@pytest.mark.parametrize("text", ["I am not a global admin", "I'm not a global admin", "ik ben geen global admin"])
def test_a_role_that_is_denied_is_marked_so(linker, text):
    assert pairs(linker, text) == [("role", "global_admin", "denied")]


@pytest.mark.parametrize("text", ["neither silver nor gold nor action pack", "we're neither gold nor silver"])
def test_neither_of_the_offers_is_no_offer(linker, text):
    assert pairs(linker, text) == [("offer", "none")]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("mail werkt niet Exchange 2016", EXCHANGE_2016),
        ("Exchange werkt niet, silver partner", [product("exchange"), ("offer", "silver")]),
        ("can not open Exchange 2016", EXCHANGE_2016),
        ("it does not work for our customer", [("beneficiary", "customer")]),
        ("Exchange 2016 does not start", EXCHANGE_2016),
    ],
)
def test_a_denial_of_something_else_leaves_the_facts_alone(linker, text, expected):
    assert pairs(linker, text) == expected


# Any text

PIECES = st.sampled_from(
    [
        "exchange",
        "Exchange 2016",
        "2019",
        "r2",
        "sql",
        "server",
        "not",
        "geen",
        "gold",
        "silver",
        "on",
        "op",
        "sp",
        "se",
        "windows",
        "2k",
        "19",
        ",",
        ".",
        "'t",
        "don't",
        "azure",
        "cloud",
        "8.1",
        "NAV",
        "ltsc",
        "😀",
        "\u202e",
        "é",
        "customer",
        "global admin",
    ]
)


def check_sound(linker, text):
    found = linker.entities(text)
    starts = {token.start for token in tokenize(text)}
    ends = {token.end for token in tokenize(text)}
    assert all(0 <= e.start < e.end <= len(text) and e.start in starts and e.end in ends for e in found)
    assert [e.start for e in found] == sorted(e.start for e in found)
    assert all(e.value in CATALOGUE.product_ids for e in found if e.entity == "product")
    assert linker.entities(text) == found


@given(text=st.text(max_size=300))
@settings(deadline=None)
def test_any_text_is_read_without_an_exception_and_offsets_are_right(linker, text):
    check_sound(linker, text)


@given(pieces=st.lists(PIECES, max_size=14), separator=st.sampled_from([" ", "", "-", "\n"]))
@settings(deadline=None, max_examples=300)
def test_any_mixture_of_names_is_read_without_an_exception_and_offsets_are_right(linker, pieces, separator):
    check_sound(linker, separator.join(pieces))


def test_one_product_name_is_found_in_a_long_stack_trace(linker):
    lines = [f"   at Contoso.Module{n}.Run(String argument{n}) in c:\\build\\file.cs:line {n}" for n in range(200)]
    lines[120] = "   at Microsoft.Exchange.Data.Storage.Open()"
    assert [e.value for e in product_focus(linker.entities("\n".join(lines)))] == ["exchange"]


@pytest.mark.parametrize(
    "text", ["", " ", "😀😀😀", "\x00\x07", "{}", "SELECT * FROM users; --", "مرحبا بكم", "a" * 10_000, "9" * 10_000]
)
def test_odd_input_holds_nothing(linker, text):
    assert [e for e in linker.entities(text) if e.entity != "product"] == []
