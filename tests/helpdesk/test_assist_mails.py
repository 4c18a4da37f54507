"""Assist mode over mails as partners write them, read by the real model: facts, their places, questions, decision, reply."""

import json
from datetime import date

import pytest

from bot.helpdesk.assist import assist, prepare

TODAY = date(2026, 11, 22)

ACCESS_ID, CONTRACT_ID = "112233445566", "998877"
PLANTED = (ACCESS_ID, CONTRACT_ID, "Zomer2026!", "4111 1111 1111 1111", "0612345678", "+31 20 555 01 23")

MAILS = {
    "covered, everything told (en)": (
        "en",
        """Hello support team,

One of our own servers runs SQL Server 2025 and since Tuesday's update the SQL Agent no longer starts. We hold a Gold
competency and the contract was already added to my account.

Kind regards,
Anna Smith
Contoso Services | +31 20 555 01 23
""",
    ),
    "covered, questions open (nl)": (
        "nl",
        """Goedemorgen,

Bij een klant start Exchange Server SE niet meer op na de laatste update. Wij zijn Silver partner.

Met vriendelijke groet,
Jan de Vries
Tel. 0612345678
""",
    ),
    "too old (en)": (
        "en",
        """Hi,

Our Exchange 2016 on Windows Server 2012 R2 drops mail since the weekend. We're a Gold partner. Can you open a ticket?

Thanks,
Mark
""",
    ),
    "action pack in the cloud (nl)": (
        "nl",
        """Beste collega,

Onze eigen Azure-omgeving geeft sinds vanmorgen fouten bij het starten van virtuele machines. We hebben een Action Pack.

Mvg,
Els
""",
    ),
    "two products (nl)": (
        "nl",
        """Beste support,

SQL Server 2019 en SharePoint Online geven allebei fouten.

Mvg
Piet
""",
    ),
    "two products (en)": (
        "en",
        """Dear team,

Both Windows Server 2022 and Exchange Online show errors and we do not know where to open the case.

Best regards,
Joe
""",
    ),
    "quoted thread (en)": (
        "en",
        """Hi again,

It still fails after the restart. We are a Silver partner.

From: Helpdesk <helpdesk@partner.example>
Sent: Monday, 16 November 2026 10:12
To: Joe
Subject: RE: case

Which product is this about? Is it SQL Server 2022?

> It is SQL Server 2022 Standard.
""",
    ),
    "planted ids (en)": (
        "en",
        f"""Hello,

Power BI reports time out for a customer of ours since Friday. Our Access ID is {ACCESS_ID} and the Contract ID is
{CONTRACT_ID}. The password of the admin account is Zomer2026! in case you need it, and my card is 4111 1111 1111 1111.
We are Gold.

Cheers,
Tom
""",
    ),
    "planted ids (nl)": (
        "nl",
        f"""Hallo,

Bij onze klant werkt Azure AD niet. Access ID: {ACCESS_ID}, Contract ID: {CONTRACT_ID}. Wij zijn Gold en het abonnement
is via CSP verkocht.

Groeten,
Kees
""",
    ),
    "with a log (en)": (
        "en",
        """Hi,

Our SQL Server 2022 instance does not come up any more, see below.

2026-11-20 10:11:12.34 spid12s Error: 3456, Severity: 21, State: 1.
2026-11-20 10:11:12.35 spid12s Could not redo log record (120:1:2), for transaction ID (0:0), on page (1:2).
2026-11-20 10:11:12.36 spid12s SQL Server shutdown has been initiated

We have an Action Pack.

Regards,
Lea
""",
    ),
    "greyed out (nl)": (
        "nl",
        """Dag,

De knop Activate is grijs op de pagina Technical benefits. Wat moet ik doen?

Met vriendelijke groet,
Ria
""",
    ),
    "error message (en)": (
        "en",
        """Hello,

In the Azure portal I get: "This Access ID is already associated to an account. Please contact your Technical Account
Manager to obtain a new Access ID". What now?

Kind regards,
Sam
""",
    ),
    "advice (nl)": (
        "nl",
        """Beste,

We willen graag advies over het migreren van een klant naar Microsoft 365. Bij wie kunnen we daarvoor terecht?

Vriendelijke groet,
Bo
""",
    ),
    "nothing to go by (en)": (
        "en",
        """Hello,

Hope you are well.

Kind regards,
Kim
""",
    ),
}

SAID_OPEN = {"goal": ("open_request", None)}
# What each gives: facts with the words that give them, the questions that are open, route and reason.
EXPECTED = {
    "covered, everything told (en)": (
        {
            "product": ("sql_server", "SQL Server"),
            "version": ("2025", "2025"),
            "offer": ("gold", "Gold\ncompetency"),
            "contract_linked": ("yes", "already added"),
        },
        [],
        ("support_for_business", None),
    ),
    "covered, questions open (nl)": (
        {
            "product": ("exchange_server", "Exchange Server"),
            "version": ("subscription_edition", "SE"),
            "beneficiary": ("customer", "klant"),
            "offer": ("silver", "Silver partner"),
        },
        ["contract_linked", "activated", "activation_role"],
        None,
    ),
    "too old (en)": (
        {"product": ("exchange_server", "Exchange"), "version": ("2016", "2016"), "offer": ("gold", "Gold partner")},
        [],
        ("paid_support", "older_than_n_minus_1"),
    ),
    "action pack in the cloud (nl)": (
        {
            "product": ("azure", "Azure"),
            "beneficiary": ("own_organization", "Onze eigen"),
            "offer": ("action_pack", "Action Pack"),
        },
        [],
        ("paid_support", "action_pack_has_no_cloud_support"),
    ),
    "two products (nl)": ({}, ["product", "offer"], None),
    "two products (en)": ({}, ["product", "offer"], None),
    "quoted thread (en)": (
        {"product": ("sql_server", "SQL Server"), "version": ("2022", "2022"), "offer": ("silver", "Silver partner")},
        ["contract_linked", "activated", "activation_role"],
        None,
    ),
    "planted ids (en)": (
        {"product": ("power_bi", "Power BI"), "beneficiary": ("customer", "for a customer"), "offer": ("gold", "Gold")},
        ["admin_agent", "contract_linked", "activated", "activation_role"],
        None,
    ),
    "planted ids (nl)": (
        {
            "product": ("azure_ad", "Azure AD"),
            "beneficiary": ("customer", "klant"),
            "csp_subscription": ("yes", "via CSP"),
            "offer": ("gold", "Gold"),
        },
        ["admin_agent"],
        None,
    ),
    "with a log (en)": (
        {"product": ("sql_server", "SQL Server"), "version": ("2022", "2022"), "offer": ("action_pack", "Action Pack")},
        ["contract_linked", "activated", "activation_role"],
        None,
    ),
    "greyed out (nl)": (
        {"goal": ("fix_error", None), "error": ("activate_greyed_out", "knop Activate is grijs")},
        [],
        ("find_administrator", None),
    ),
    "error message (en)": (
        {
            "goal": ("fix_error", None),
            "error": (
                "access_id_already_associated",
                "This Access ID is already associated to an account. Please contact your Technical Account\n"
                "Manager to obtain a new Access ID",
            ),
        },
        ["plan_shown"],
        None,
    ),
    "advice (nl)": (
        {
            "request_kind": ("advisory", None),
            "product": ("microsoft365", "Microsoft 365"),
            "beneficiary": ("customer", "klant"),
        },
        [],
        ("presales_and_deployment", "not_break_fix"),
    ),
    "nothing to go by (en)": ({"goal": None}, ["goal"], None),
}
GREETINGS = {"en": ("Hello,", "Kind regards,"), "nl": ("Goedendag,", "Met vriendelijke groet,")}


@pytest.fixture(scope="module")
def read(assistant, loop):
    """Return a function that puts a mail through assist mode, read by the trained model."""

    def reading(text, **more):
        return assist(text, loop.run_until_complete(assistant.parse(prepare(text).text)), TODAY, **more)

    return reading


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_gives_its_facts_where_they_stand_the_open_questions_and_the_decision(read, name):
    language, text = MAILS[name]
    facts, missing, outcome = EXPECTED[name]
    found = read(text)
    assert found.language == language
    places = {
        fact.fact: (fact.value, found.text[fact.start : fact.end] if fact.start is not None else None)
        for fact in found.facts
    }
    expected = {fact: given for fact, given in {**SAID_OPEN, **facts}.items() if given is not None}
    assert places == expected
    assert [asked.fact for asked in found.missing] == missing
    assert [asked.is_next for asked in found.missing] == [not place for place in range(len(missing))]
    assert (found.decision and (found.decision["route"], found.decision["reason"])) == outcome
    mail, other = (found.reply, found.questions) if outcome else (found.questions, found.reply)
    greeting, closing = GREETINGS[language]
    assert other is None and mail.startswith(f"{greeting}\n\n") and mail.endswith(f"\n\n{closing}")
    for asked in found.missing:
        assert asked.question in mail


@pytest.mark.parametrize("name", MAILS)
def test_no_secret_of_a_mail_is_anywhere_in_what_comes_out(read, name):
    text = MAILS[name][1]
    shown = json.dumps(read(text).document(), ensure_ascii=False)
    for secret in PLANTED:
        assert secret not in shown
    if "planted" in name:
        assert all(secret in text for secret in PLANTED[:2]) and {"access id", "contract id"} <= set(read(text).redacted)


@pytest.mark.parametrize("name", MAILS)
def test_the_parts_of_a_mail_are_the_whole_of_it_and_say_what_was_quoted_pasted_and_signed(read, name):
    found = read(MAILS[name][1])
    assert "".join(found.text[part.start : part.end] for part in found.parts) == found.text
    kinds = {part.kind for part in found.parts}
    assert ("quoted" in kinds) == ("quoted" in name)
    assert ("log" in kinds) == ("log" in name) == bool(found.error_text)
    assert "signature" in kinds or "quoted" in name
    assert "regards" not in found.problem and "groet" not in found.problem.lower()


@pytest.mark.parametrize("name", ["two products (nl)", "two products (en)"])
def test_two_products_of_which_neither_is_clearly_the_broken_one_are_both_shown_and_asked_about(read, name):
    found = read(MAILS[name][1])
    assert [found.text[option.start : option.end] for option in found.options] in (
        ["SQL Server", "SharePoint Online"],
        ["Windows Server", "Exchange Online"],
    )
    assert found.options[0].version in ("2019", "2022")
    assert found.missing[0].choices == tuple(option.shown for option in found.options)
    assert all(option.shown in found.questions for option in found.options)
    chosen = read(MAILS[name][1], more={"product": found.options[0].product})
    assert chosen.options == () and chosen.known["version"] == found.options[0].version


def test_what_the_broken_product_runs_on_is_said_but_not_taken_for_it(read):
    found = read(MAILS["too old (en)"][1])
    assert "Exchange Server" in found.reply and "Windows Server is only what it runs on" in found.reply


def test_the_questions_come_as_one_numbered_list_in_the_partners_language(read):
    english, dutch = (read(MAILS["covered, questions open (nl)"][1], language=language) for language in ("en", "nl"))
    for found, first in ((english, "1. Have the **Access ID**"), (dutch, "1. Zijn de **Access ID**")):
        lines = found.questions.splitlines()
        assert [line[:2] for line in lines if line[:1].isdigit()] == ["1.", "2.", "3."]
        assert any(line.startswith(first) for line in lines)
    assert "Kind regards," in english.questions and "Met vriendelijke groet," in dutch.questions


def test_a_single_question_is_no_list(read):
    questions = read(MAILS["error message (en)"][1]).questions
    assert "Is your support plan shown?" in questions and "1." not in questions


def test_a_question_about_the_programme_is_answered_though_nothing_is_decided(read):
    found = read("Good morning,\n\nWhich severities are there, and how soon is the first response?\n\nRegards,\nPat")
    assert found.decision is None and found.questions is None and "A, critical: 2 hours" in found.reply


def test_answering_each_question_as_it_is_asked_leads_to_a_decision(read):
    for name, (_, text) in MAILS.items():
        more = {}
        for _ in range(12):
            found = read(text, more=more)
            if found.decision is not None:
                break
            if found.missing[0].fact in ("goal", "product"):
                more.update(goal="open_request", product="sql_server")
            else:
                fact = found.missing[0].fact
                more[fact] = "2025" if fact == "version" else "yes" if fact != "offer" else "gold"
        assert found.decision is not None and found.reply, name


def test_a_version_that_does_not_exist_is_asked_again_with_those_that_do(read):
    found = read("Hi,\n\nOur Exchange Server 2077 does not start any more.\n\nRegards,\nJo")
    assert found.missing[0].fact == "version" and "I don't know that version of Exchange Server" in found.questions


# What staff set


def test_what_staff_set_counts_over_what_the_text_says(read):
    text = MAILS["covered, everything told (en)"][1]
    found = read(text, more={"offer": "none", "version": "2022"})
    assert (found.known["offer"], found.known["version"]) == ("none", "2022")
    assert found.decision["reason"] == "no_active_offer"
    assert {fact.fact for fact in found.facts if fact.by_staff} == {"offer", "version"}
    assert all(fact.start is None for fact in found.facts if fact.by_staff)


def test_a_fact_that_staff_take_back_is_asked_again(read):
    found = read(MAILS["covered, everything told (en)"][1], more={"offer": None})
    assert "offer" not in found.known and found.missing[0].fact == "offer"


def test_another_product_of_staff_makes_the_version_of_the_first_void(read):
    found = read(MAILS["covered, questions open (nl)"][1], more={"product": "sql_server"})
    assert found.known["product"] == "sql_server" and "version" not in found.known
    assert found.missing[0].fact == "version"


def test_another_side_of_staff_swaps_the_product_for_its_counterpart(read):
    found = read(MAILS["too old (en)"][1], more={"deployment": "cloud"})
    assert (found.known["product"], found.known["deployment"]) == ("exchange", "cloud") and "version" not in found.known
    assert read(MAILS["planted ids (en)"][1], more={"deployment": "on_premises"}).missing[0].fact == "product"


def test_another_goal_of_staff_counts(read):
    found = read(MAILS["greyed out (nl)"][1], more={"goal": "check_remaining"})
    assert found.known == {"goal": "check_remaining"} and found.decision["route"] == "answer"
