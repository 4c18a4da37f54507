"""Knowledge with one thing broken is refused, and the message names the file, the entry and the remedy."""

import re
import shutil

import pytest

from bot.knowledge import loader
from bot.knowledge.loader import HERE, BrokenKnowledgeBase, load
from bot.knowledge.strict_yaml import read

# The file, what stands in it, what is put there, and the one message that must follow.
BROKEN = [
    pytest.param(
        "roles.yml",
        "  may: [view_tickets]",
        "  mai: [view_tickets]\n  may: [view_tickets]",
        'roles.yml: sales_agent: unknown key "mai"; did you mean "may"?',
        id="an unknown key is named with the nearest one",
    ),
    pytest.param(
        "products/windows_servers.yml",
        "      release: 2021-08-18",
        "      released: 2021-08-18",
        'products/windows_servers.yml: windows_server: unknown key "versions.2022.released"; did you mean "release"?',
        id="an unknown key deep inside is named with its path",
    ),
    pytest.param(
        "procedures.yml",
        "{id: check_account, portal: partner_center, cites: [S27, S28], problems:",
        "{id: check_account, portal: partner_center, cites: [S27, S28], problem:",
        'procedures.yml: sign_in_with_mpn_account: unknown key "steps.1.problem"; did you mean "problems"?',
        id="an unknown key of a step is named with its place",
    ),
    pytest.param(
        "portals.yml",
        "  name: Azure portal\n",
        "  name: Azure portal\n  name: Azure\n",
        'portals.yml: line N: key "name" stands twice; remove one',
        id="a key stands twice in an entry",
    ),
    pytest.param(
        "routes.yml",
        "check_offer: {",
        "azure_portal: {",
        'routes.yml: line N: key "azure_portal" stands twice; remove one',
        id="an entry stands twice in a file",
    ),
    pytest.param(
        "roles.yml",
        "  may: [view_tickets]\n  cites: [P87]",
        "  may: [view_tickets]",
        'roles.yml: sales_agent: "cites" is missing; add it',
        id="an entry has no cites",
    ),
    pytest.param(
        "roles.yml",
        "  cites: [P87]",
        "  cites: []",
        'roles.yml: sales_agent: "cites" is empty; name at least one',
        id="an entry has empty cites",
    ),
    pytest.param(
        "entitlements.yml",
        "  microsoft_product_support: 15\n",
        "",
        'entitlements.yml: silver: "microsoft_product_support" is missing; add it',
        id="a key is missing",
    ),
    pytest.param(
        "products/windows_servers.yml",
        "release: 2021-08-18",
        "release: 18-08-2021",
        'products/windows_servers.yml: windows_server: versions.2022.release: "18-08-2021" is not a date; write YYYY-MM-DD',
        id="a date is written the wrong way round",
    ),
    pytest.param(
        "products/windows_servers.yml",
        "release: 2021-08-18",
        "release: 2021-02-30",
        'products/windows_servers.yml: windows_server: versions.2022.release: "2021-02-30" is not a date; write YYYY-MM-DD',
        id="a day that does not exist",
    ),
    pytest.param(
        "products/windows_servers.yml",
        "mainstream_end: 2026-10-13",
        "mainstream_end: 2020-10-13",
        (
            "products/windows_servers.yml: windows_server: versions.2022: release 2021-08-18 lies "
            "after mainstream_end 2020-10-13; correct one of the two"
        ),
        id="a version ends before it is released",
    ),
    pytest.param(
        "products/windows_servers.yml",
        "extended_end: 2031-10-14",
        "extended_end: 2025-10-14",
        (
            "products/windows_servers.yml: windows_server: versions.2022: mainstream_end 2026-10-13 "
            "lies after extended_end 2025-10-14; correct one of the two"
        ),
        id="extended support ends before mainstream support",
    ),
    pytest.param(
        "products/office_servers.yml",
        "      support_end: null\n      aliases: [se, exchange se,",
        "      mainstream_end: 2030-01-01\n      aliases: [se, exchange se,",
        (
            "products/office_servers.yml: exchange_server: versions.subscription_edition: the modern "
            "policy has no mainstream or extended phase; use support_end"
        ),
        id="a modern version has a mainstream end",
    ),
    pytest.param(
        "products/windows_servers.yml",
        '      label: "2022"\n      policy: fixed',
        '      label: "2022"\n      policy: fixxed',
        (
            'products/windows_servers.yml: windows_server: versions.2022.policy: "fixxed" is not a '
            "policy; write fixed, fixed_mainstream_only, modern or null"
        ),
        id="a policy does not exist",
    ),
    pytest.param(
        "products/cloud.yml",
        "  ids_needed: yes\n  inferred: yes\n  aliases: [wvd",
        "  ids_needed: yes\n  inferred: true\n  aliases: [wvd",
        'products/cloud.yml: azure_virtual_desktop: inferred: is "true"; write yes or no',
        id="a flag that is neither yes nor no",
    ),
    pytest.param(
        "products/cloud.yml",
        "  ids_needed: yes\n  inferred: yes\n  aliases: [wvd",
        "  ids_needed: maybe\n  inferred: yes\n  aliases: [wvd",
        'products/cloud.yml: azure_virtual_desktop: ids_needed: is "maybe"; write yes, no or null',
        id="whether ids are needed is neither yes nor no",
    ),
    pytest.param(
        "competencies.yml",
        "devops: {name: DevOps, kind: other",
        "devops: {name: DevOps, kind: hybrid",
        'competencies.yml: devops: kind: "hybrid" is not a kind; write cloud or other',
        id="a kind of competency does not exist",
    ),
    pytest.param(
        "portals.yml",
        "url: https://portal.azure.com",
        "url: http://portal.azure.com",
        'portals.yml: azure_portal: url: "http://portal.azure.com" is not an https address; write it in full',
        id="an address is not https",
    ),
    pytest.param(
        "portals.yml",
        (
            "publisher:\n  name: the publisher of the product (ISV)\n  url: null\n  labels: {}\n  aliases: "
            "[]\n  cites: [P52, C:marketplace]"
        ),
        "publisher: the publisher of the product (ISV)",
        "portals.yml: publisher: must hold keys; see its neighbours",
        id="an entry is a word instead of keys",
    ),
    pytest.param(
        "products/windows_servers.yml",
        '      label: "2022"\n',
        '      label: "2022 Datacenter"\n',
        (
            'products/windows_servers.yml: windows_server.2022: label "2022 Datacenter" does not make '
            'this id; rename it "2022_datacenter"'
        ),
        id="a version id does not match its label",
    ),
    pytest.param(
        "products/windows_servers.yml",
        '      counts_as: "2003"',
        '      counts_as: "2004"',
        (
            'products/windows_servers.yml: windows_server.2003_r2: counts_as "2004" is no version of '
            'this line; did you mean "2008"?'
        ),
        id="a version counts as one that does not exist",
    ),
    pytest.param(
        "products/windows_servers.yml",
        "release: 2021-08-18",
        "release: 2024-12-01",
        "products/windows_servers.yml: windows_server.2022: is newer than 2025 above it; list the newest first",
        id="a version stands below an older one",
    ),
    pytest.param(
        "products/windows_servers.yml",
        "release: 2021-08-18",
        "release: 2024-11-01",
        (
            "products/windows_servers.yml: windows_server.2022: released on the same day as 2025; N "
            "would be undecided, correct one"
        ),
        id="two versions are released on the same day",
    ),
    pytest.param(
        "decisions/route.yml",
        "    cites: [S6, S18, S87]",
        "    cites: [S6, S18, S871]",
        'decisions/route.yml: rule "customers_service_management": cites "S871"; did you mean "S87"?',
        id="a rule cites a source that does not exist",
    ),
    pytest.param(
        "products/office_servers.yml",
        "cites: [L:exchange-server]",
        "cites: [L:exchange_server]",
        'products/office_servers.yml: exchange_server: cites "L:exchange_server"; did you mean "L:exchange-server"?',
        id="a line cites a line that does not exist",
    ),
    pytest.param(
        "products/cloud.yml",
        "  portal: lifecycle_services",
        "  portal: lifecycle_service",
        'products/cloud.yml: dynamics365_fo: portal "lifecycle_service" does not exist; did you mean "lifecycle_services"?',
        id="a workload has a portal that does not exist",
    ),
    pytest.param(
        "routes.yml",
        "{portal: n1_policy,",
        "{portal: n2_policy,",
        'routes.yml: check_version: portal "n2_policy" does not exist; did you mean "n1_policy"?',
        id="a route has a portal that does not exist",
    ),
    pytest.param(
        "procedures.yml",
        "{id: region, portal: presales,",
        "{id: region, portal: presale,",
        'procedures.yml: presales_and_deployment.region: portal "presale" does not exist; did you mean "presales"?',
        id="a step has a portal that does not exist",
    ),
    pytest.param(
        "routes.yml",
        "procedure: switch_account}",
        "procedure: switch_accounts}",
        'routes.yml: switch_account: procedure "switch_accounts" does not exist; did you mean "switch_account"?',
        id="a route has a procedure that does not exist",
    ),
    pytest.param(
        "products/families.yml",
        "  on_premises: exchange_server",
        "  on_premises: exchange_servers",
        (
            'products/families.yml: exchange: on_premises "exchange_servers" is no product line; did '
            'you mean "exchange_server"?'
        ),
        id="a family has a line that does not exist",
    ),
    pytest.param(
        "products/families.yml",
        "  cloud: skype_online",
        "  cloud: skipe_online",
        'products/families.yml: skype_for_business: cloud "skipe_online" is no workload; did you mean "skype_online"?',
        id="a family has a workload that does not exist",
    ),
    pytest.param(
        "products/families.yml",
        "dynamics_ax_fo",
        "dynamics_ax",
        'products/families.yml: dynamics_365: offers "dynamics_ax", which is no product; did you mean "dynamics_ax_fo"?',
        id="a family offers a product that does not exist",
    ),
    pytest.param(
        "presales.yml",
        "dynamics_sl",
        "dynamics_sll",
        'presales.yml: refused_products: product "dynamics_sll" does not exist; did you mean "dynamics_sl"?',
        id="presales refuses a product that does not exist",
    ),
    pytest.param(
        "products/data_servers.yml",
        "biztalk_server:\n",
        "visio:\n",
        "products/data_servers.yml: visio: stands in two product files; keep one",
        id="a line stands in two files",
    ),
    pytest.param(
        "decisions/route.yml",
        "hit_policy: first",
        "hit_policy: unique",
        'decisions/route.yml: table: hit_policy: "unique" is not a hit policy; write first or collect',
        id="a hit policy does not exist",
    ),
    pytest.param(
        "decisions/route.yml",
        "  - id: remaining\n",
        "  - id: remaining\n    when: {goal: check_remaining}\n",
        'decisions/route.yml: rule "remaining": is the last and has a `when`; add a last rule without one',
        id="the last rule has conditions",
    ),
    pytest.param(
        "decisions/route.yml",
        "    when: {goal: open_request, request_kind: account}\n",
        "",
        'decisions/route.yml: rule "account": has no `when`, so no rule below it is reached; move it to the end',
        id="a rule above the last has no conditions",
    ),
    pytest.param(
        "decisions/route.yml",
        "  - id: view_ids\n",
        "  - id: activate\n",
        'decisions/route.yml: rule "activate": stands twice; rename one',
        id="a rule id stands twice",
    ),
    pytest.param(
        "decisions/coverage.yml",
        "    when: {offer: none}",
        "    when: {ofer: none}",
        'decisions/coverage.yml: rule "no_active_offer": reads "ofer"; did you mean "offer"?',
        id="a rule reads a fact that does not exist",
    ),
    pytest.param(
        "decisions/coverage.yml",
        "    when: {offer: none}",
        "    when: {offer: nothing}",
        (
            'decisions/coverage.yml: rule "no_active_offer": "offer" is never "nothing"; known: '
            "action_pack, silver, gold, none, unsure"
        ),
        id="a rule waits for a value that its fact never has",
    ),
    pytest.param(
        "decisions/coverage.yml",
        "    when: {hosting: cloud, offer: action_pack}",
        "    when: {hosting: clouds, offer: action_pack}",
        (
            'decisions/coverage.yml: rule "action_pack_has_no_cloud_support": "hosting" is never '
            '"clouds"; did you mean "cloud"?'
        ),
        id="a rule waits for a value that a derived fact never has",
    ),
    pytest.param(
        "decisions/route.yml",
        "    then: {route: azure_portal}",
        "    then: {route: azure_portaal}",
        'decisions/route.yml: rule "azure_portal": "route" cannot be "azure_portaal"; did you mean "azure_portal"?',
        id="a rule gives an outcome that does not exist",
    ),
    pytest.param(
        "decisions/coverage.yml",
        "    then: {coverage: covered, covered_by: microsoft_product_support}",
        "    then: {coverage: covered, coverd_by: microsoft_product_support}",
        'decisions/coverage.yml: rule "microsoft_product_support": sets "coverd_by"; did you mean "covered_by"?',
        id="a rule sets an output that does not exist",
    ),
    pytest.param(
        "decisions/coverage.yml",
        "    then: {coverage: check_version}",
        "    then: {reason: no_active_offer}",
        'decisions/coverage.yml: rule "version_unsure": does not set "coverage"; add it to `then`',
        id="a rule does not set what its table decides",
    ),
    pytest.param(
        "decisions/coverage.yml",
        "    when: {offer: none}",
        "    when: {offer: {at_lest: none}}",
        'decisions/coverage.yml: rule "no_active_offer": operator "at_lest" does not exist; did you mean "at_least"?',
        id="an operator does not exist",
    ),
    pytest.param(
        "decisions/caveat.yml",
        "predicate: portal_is_inferred",
        "predicate: portal_is_infered",
        (
            'decisions/caveat.yml: rule "inferred_portal": predicate "portal_is_infered" does not '
            'exist; did you mean "portal_is_inferred"?'
        ),
        id="a predicate does not exist",
    ),
    pytest.param(
        "procedures.yml",
        "{id: see_ids, portal: technical_benefits_page, cites: [S34, S35], problems: [no_benefits_yet]}",
        "{id: see_ids, portal: technical_benefits_page, cites: [S34, S35], problems: [no_benefit_yet]}",
        (
            'procedures.yml: activate_benefits.see_ids: problem "no_benefit_yet" does not exist; did '
            'you mean "no_benefits_yet"?'
        ),
        id="a step has a problem that does not exist",
    ),
    pytest.param(
        "procedures.yml",
        (
            "    - {id: find, portal: user_management, cites: [S6, P85]}\n    - {id: ask, portal: "
            "customers_service_management, cites: [S18, S87]}\n"
        ),
        "    []\n",
        'procedures.yml: ask_admin_agent: "steps" is empty; name at least one',
        id="a procedure has no steps",
    ),
    pytest.param(
        "procedures.yml",
        "get_ids:\n",
        "see_ids:\n",
        "procedures.yml: get_ids: is missing; a decision can ask for it, so add its steps",
        id="a preparation has no procedure",
    ),
    pytest.param(
        "routes.yml",
        "check_version: {portal: n1_policy, procedure: check_version}\n",
        "",
        "routes.yml: check_version: is missing; add it with its portal and procedure",
        id="a route is missing",
    ),
    pytest.param(
        "routes.yml",
        "answer: {",
        "answers: {portal: null, procedure: null}\nanswer: {",
        'routes.yml: answers: is no route; did you mean "answer"?',
        id="a route does not exist",
    ),
    pytest.param(
        "intents.yml",
        "ask_ids: {goal: view_ids",
        "ask_ids: {goal: view_id",
        'intents.yml: ask_ids: "goal" is never "view_id"; did you mean "view_ids"?',
        id="an intent opens a goal that does not exist",
    ),
    pytest.param(
        "intents.yml",
        "implies: {request_kind: advisory}",
        "implies: {request_kind: advice}",
        'intents.yml: request_advice: "request_kind" is never "advice"; known: break_fix, advisory, account',
        id="an intent implies a value that does not exist",
    ),
    pytest.param(
        "roles.yml",
        "proves: {admin_agent: yes}",
        "proves: {admin_agent: true}",
        'roles.yml: admin_agent: "admin_agent" is never "true"; known: yes, no, unsure',
        id="a role proves a value that does not exist",
    ),
    pytest.param(
        "words.yml",
        "beneficiary:\n",
        "beneficary:\n",
        'words.yml: beneficary: is no fact; did you mean "beneficiary"?',
        id="words stand for a fact that does not exist",
    ),
    pytest.param(
        "words.yml",
        "  own_organization:\n",
        "  own_organisation:\n",
        'words.yml: beneficiary: "own_organisation" is no value of it; did you mean "own_organization"?',
        id="words stand for a value that does not exist",
    ),
    pytest.param(
        "sources.yml",
        "  S3: {document: article,",
        "  S3: {document: artcle,",
        'sources.yml: S3: document "artcle" does not exist; did you mean "article"?',
        id="a source comes from a document that does not exist",
    ),
]

# A whole file gone or replaced: the file, its new content (None: removed), and the message.
REPLACED = [
    pytest.param("severities.yml", None, "severities.yml: file: is missing; restore it", id="a file is missing"),
    pytest.param(
        "products/system_center.yml",
        None,
        "products/system_center.yml: file: is missing; restore it",
        id="a product file is missing",
    ),
    pytest.param(
        "plans.yml",
        b"- a plan\n- another\n",
        "plans.yml: file: must hold entries (a mapping); see the other knowledge files",
        id="a file is a list",
    ),
    pytest.param(
        "plans.yml",
        b"",
        "plans.yml: file: must hold entries (a mapping); see the other knowledge files",
        id="a file is empty",
    ),
    pytest.param(
        "plans.yml",
        b"plan: {name: caf\xe9}\n",
        "plans.yml: file: is not UTF-8; save it as UTF-8",
        id="a file is not UTF-8",
    ),
    pytest.param(
        "decisions/contract_needed.yml",
        b"table: contract_needed\nhit_policy: first\nrules: []\n",
        'decisions/contract_needed.yml: table: "rules" is empty; name at least one',
        id="a table has no rules",
    ),
    pytest.param(
        "plans.yml",
        b"plan: [a, b\n",
        "plans.yml: line N: expected ',' or ']', but got '<stream end>'; correct the YAML",
        id="a file is not YAML",
    ),
]


_parsed = {}


def read_once(path, name):
    """Read as the loader does, but parse a file only once for each content: most tests change one of many."""
    key = (name, path.read_bytes() if path.exists() else None)
    if key not in _parsed:
        _parsed[key] = read(path, name)
    return _parsed[key]


@pytest.fixture(autouse=True)
def parse_unchanged_files_once(monkeypatch):
    monkeypatch.setattr(loader, "read", read_once)


@pytest.fixture
def folder(tmp_path):
    """A copy of the knowledge that may be broken."""
    return shutil.copytree(HERE, tmp_path / "knowledge", ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def change(folder, file, before, after):
    """Put `after` where `before` stands in a file, which must be one place."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {file}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def messages(folder):
    """Return what the knowledge in `folder` is refused with; line numbers read N."""
    with pytest.raises(BrokenKnowledgeBase) as caught:
        load(folder)
    found = [str(problem) for problem in caught.value.problems]
    assert str(caught.value) == "\n".join(found)
    return [re.sub(r": line \d+: ", ": line N: ", message) for message in found]


def test_an_unbroken_copy_loads(folder):
    assert set(load(folder).catalogue.lines) == set(load().catalogue.lines)


@pytest.mark.parametrize("file, before, after, message", BROKEN)
def test_broken_knowledge_is_refused_when(folder, file, before, after, message):
    change(folder, file, before, after)
    assert messages(folder) == [message]


@pytest.mark.parametrize("file, content, message", REPLACED)
def test_a_broken_file_is_refused_when(folder, file, content, message):
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    assert messages(folder) == [message]


def test_all_problems_are_told_at_once(folder):
    change(folder, "entitlements.yml", "  microsoft_product_support: 15\n", "")
    change(folder, "competencies.yml", "devops: {name: DevOps, kind: other", "devops: {name: DevOps, kind: hybrid")
    change(folder, "products/windows_servers.yml", "release: 2021-08-18", "release: soon")
    (folder / "routes.yml").unlink()
    assert sorted(messages(folder)) == [
        'competencies.yml: devops: kind: "hybrid" is not a kind; write cloud or other',
        'entitlements.yml: silver: "microsoft_product_support" is missing; add it',
        'products/windows_servers.yml: windows_server: versions.2022.release: "soon" is not a date; write YYYY-MM-DD',
        "routes.yml: file: is missing; restore it",
    ]


def test_an_offer_of_the_entitlements_that_is_no_value_is_refused(folder):
    change(folder, "facts.yml", "[action_pack, silver, gold, none, unsure]", "[action_pack, silver, none, unsure]")
    assert 'facts.yml: offer: "gold" of entitlements.yml is missing from its values; add it' in messages(folder)


def test_an_error_without_an_entry_is_refused(folder):
    change(folder, "errors.yml", "version_not_covered:\n", "version_not_coverd:\n")
    assert "errors.yml: version_not_covered: is missing; facts.yml names it" in messages(folder)


def test_a_cite_that_nothing_resembles_gets_the_known_ones(folder):
    change(folder, "roles.yml", "  cites: [P87]", "  cites: [somewhere else entirely]")
    (message,) = messages(folder)
    assert message.startswith('roles.yml: sales_agent: cites "somewhere else entirely"; known: S1, S2, ')
