"""Names that are not what they seem: of other vendors, of parts of products, inside other names, or taken back."""

import pytest

from bot.knowledge import shared
from bot.nlu.linker import Linker


@pytest.fixture(scope="module")
def linker():
    return Linker(shared())


def pairs(linker, text):
    return [(e.entity, e.value, e.role) if e.role else (e.entity, e.value) for e in linker.entities(text)]


@pytest.mark.parametrize(
    "text",
    [
        "my aws server 2019 is down",
        "our Dell server 2016 does not boot",
        "SAP server 2016 ligt eruit",
        "the jira project is gone",
        "google teams is broken",
        "MariaDB sql server crashes",
        "mysql server 8 is down",
        "Cisco exchange phone does not ring",
    ],
)
def test_a_name_that_anyone_may_use_is_the_other_vendors_after_its_name(linker, text):
    assert pairs(linker, text) == []


@pytest.mark.parametrize(
    "text, found",
    [
        ("SQL Server 2022 on VMware is down", [("product", "sql_server"), ("version", "2022")]),
        ("Exchange 2019 on vmware esxi 7", [("product", "exchange_server"), ("version", "2019")]),
        ("vmware: our Windows Server 2022 is slow", [("product", "windows_server"), ("version", "2022")]),
    ],
)
def test_our_own_products_count_beside_another_vendor(linker, text, found):
    assert pairs(linker, text) == found


def test_what_another_vendors_product_runs_on_is_only_the_platform(linker):
    assert pairs(linker, "oracle 19c on windows server 2022 is down") == [
        ("product", "windows_server", "platform"),
        ("version", "2022", "platform"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "is signature cloud support unlimited",
        "what is the Cloud Solution Provider support plan",
        "what is the AI Cloud Partner Program",
        "partner admin link, what is it",
        "currency exchange rates",
    ],
)
def test_a_name_within_another_name_says_nothing(linker, text):
    assert pairs(linker, text) == []


@pytest.mark.parametrize("part", ["active directory", "group policy", "a domain controller", "hyper-v", "IIS"])
def test_a_part_stands_for_its_product(linker, part):
    assert pairs(linker, f"{part} does not work") == [("product", "windows_server")]


@pytest.mark.parametrize("text", ["Exchange 2019 cannot reach a domain controller", "group policy breaks Exchange 2019"])
def test_a_part_gives_way_to_a_product_that_is_named(linker, text):
    assert pairs(linker, text) == [("product", "exchange_server"), ("version", "2019")]


def test_a_name_of_several_products_gives_way_to_one_of_them(linker):
    assert pairs(linker, "older versions of system center, such as VMM 2016") == [
        ("product", "system_center_virtual_machine_manager"),
        ("version", "2016"),
    ]
    assert len(pairs(linker, "system center crashes")) > 1


@pytest.mark.parametrize("text", ["MAPS active until 2024", "active till 11/2023", "een 6 op 10", "an 8 out of 10", "sinds 2019 lid"])
def test_a_date_or_a_mark_is_no_version(linker, text):
    assert not [value for entity, value, *_ in pairs(linker, text) if entity == "version"]


@pytest.mark.parametrize(
    "text, value",
    [("gold.. eh no silver", "silver"), ("gold no wait silver", "silver"), ("zilver, sorry gold", "gold"), ("gold oeps silver", "silver")],
)
def test_a_second_thought_takes_back_the_first_offer(linker, text, value):
    assert pairs(linker, text) == [("offer", value)]


@pytest.mark.parametrize("text", ["no gold", "we have no silver", "zonder gold", "without gold or silver", "not gold"])
def test_an_offer_that_is_denied_is_none(linker, text):
    assert pairs(linker, text) == []


@pytest.mark.parametrize(
    "text, found",
    [
        ("linked", ("contract_linked", "yes")),
        ("gekoppeld", ("contract_linked", "yes")),
        ("activated", ("activated", "yes")),
        ("us", ("beneficiary", "own_organization")),
        ("ons", ("beneficiary", "own_organization")),
        ("the server one", ("deployment", "on_premises")),
    ],
)
def test_a_bare_word_says_it_only_as_the_whole_message(linker, text, found):
    assert pairs(linker, text) == [found]
    assert found not in pairs(linker, f"{text} is what it says on the screen we see")


def test_the_place_of_work_is_no_office(linker):
    assert pairs(linker, "can my colleague in the Belgian office do it") == []
    assert pairs(linker, "office 2019 does not start") == [("product", "office"), ("version", "2019")]


def test_a_migration_names_both_sides(linker):
    assert pairs(linker, "from Exchange to M365") == [("product", "exchange"), ("product", "microsoft365")]
