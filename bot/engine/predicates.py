"""Values derived from facts, and the named predicates that rules may use. Each takes the running evaluation."""

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Union

from bot.engine.catalogue import Family, Line, Workload

if TYPE_CHECKING:
    from bot.engine.evaluation import Evaluation

ELIGIBLE = "eligible"
UNSURE = "unsure"
AZURE_PORTAL = "azure_portal"


def kind(run: "Evaluation") -> Union[Line, Workload]:
    """Return the line or workload that the product is; a family needs `deployment` first."""
    found = run.programme.catalogue.resolve(run.read("product"), run.peek("deployment"), run.peek("version"))
    if isinstance(found, Family):
        return run.programme.catalogue.resolve(found.id, run.read("deployment"))
    return found


def version(run: "Evaluation") -> str:
    """Return the version id; a line that only ever had one version needs no question."""
    versions = run.read("kind").versions
    return next(iter(versions)) if len(versions) == 1 else run.read("version")


def eligibility_status(run: "Evaluation") -> str:
    """Return "eligible", "unsure" (the person does not know the version), or the reason why it is not."""
    found = run.read("version_at_hand")
    if found == UNSURE:
        return UNSURE
    rule = run.eligibility()
    return ELIGIBLE if rule.eligible else rule.reason


def lifecycle_basis(run: "Evaluation") -> Optional[str]:
    """Return "modern" or "fixed" once the N-1 rule was applied, else None."""
    found = run.found_eligibility
    if found is None:
        return None
    return "modern" if found.modern else "fixed"


def cloud_portal(run: "Evaluation") -> Optional[str]:
    """Return the portal id of a cloud workload, None for an on-premises line."""
    return getattr(run.read("kind"), "portal", None)


def competency_kind(run: "Evaluation") -> Optional[str]:
    """Return "cloud", "other", or None when the competency is not known; it is never asked."""
    return run.programme.competencies.get(run.peek("competency"))


def incidents(run: "Evaluation") -> Any:
    """Return the incidents the benefit gives: a count, "unlimited", both numbers, or None."""
    benefit = run.output("coverage").get("covered_by")
    offer = run.programme.entitlements.get(run.peek("offer"), {})
    given = offer.get(benefit)
    if isinstance(given, dict):
        chosen = run.read("competency_kind")
        return given[f"{chosen}_competency"] if chosen else dict(given)
    return given


DERIVED: Dict[str, Callable[["Evaluation"], Any]] = {
    "kind": kind,
    "hosting": lambda run: run.read("kind").hosting,
    "product_id": lambda run: run.read("kind").id,
    "version_at_hand": version,
    "eligibility": eligibility_status,
    "lifecycle_basis": lifecycle_basis,
    "cloud_portal": cloud_portal,
    "covered_by": lambda run: run.first("coverage").get("covered_by"),
    "competency_kind": competency_kind,
    "incidents": incidents,
}


def presales_refuses_product(run: "Evaluation") -> bool:
    """Say whether the product, if one was named, is outside presales and deployment (P66)."""
    return product_is_named(run) and run.read("product_id") in run.programme.refused_by_presales


def product_is_named(run: "Evaluation") -> bool:
    """Say whether the person named a product that needs no further question."""
    if run.peek("product") is None:
        return False
    found = run.programme.catalogue.resolve(run.peek("product"), run.peek("deployment"), run.peek("version"))
    return not isinstance(found, Family)


def administrator_is_known(run: "Evaluation") -> bool:
    """Say whether the person is known to hold a role that activates."""
    return run.peek("activation_role") == "yes"


def signed_in_without_membership(run: "Evaluation") -> bool:
    """Say whether the person is known to use an account that belongs to CSP only (S21)."""
    return run.peek("association") == "csp_only"


def portal_is_inferred(run: "Evaluation") -> bool:
    """Say whether the workload's portal is our reading."""
    return getattr(run.read("kind"), "inferred", False)


def request_goes_to_own_portal(run: "Evaluation") -> bool:
    """Say whether the product is a cloud workload with a portal other than Azure's."""
    return run.read("cloud_portal") not in (None, AZURE_PORTAL)


def current_version_without_mainstream(run: "Evaluation") -> bool:
    """Say whether even N is refused because its mainstream support is over (R2)."""
    found = run.eligibility()
    return found.position == "N" and found.reason == "mainstream_support_ended"


def ids_are_open(run: "Evaluation") -> bool:
    """Say whether no source tells if the workload asks for Access ID and Contract ID."""
    found = run.read("kind")
    return isinstance(found, Workload) and found.ids_needed is None


def ids_may_be_needed(run: "Evaluation") -> bool:
    """Say whether no source rules out that the product asks for Access ID and Contract ID."""
    found = run.read("kind")
    return not (isinstance(found, Workload) and found.ids_needed is False)


def taken_for_family(run: "Evaluation") -> bool:
    """Say whether the person only named the family "Dynamics 365", and we took its main application."""
    return run.peek("product") == "dynamics_365"


PREDICATES: Dict[str, Callable[["Evaluation"], bool]] = {
    function.__name__: function
    for function in (
        presales_refuses_product,
        product_is_named,
        administrator_is_known,
        signed_in_without_membership,
        portal_is_inferred,
        request_goes_to_own_portal,
        current_version_without_mainstream,
        ids_are_open,
        ids_may_be_needed,
        taken_for_family,
    )
}
