"""The values an outcome may take: the ids that other programs rely on."""

ROUTES = (
    "support_for_business",
    "azure_portal",
    "customers_service_management",
    "workload_portal",
    "paid_support",
    "presales_and_deployment",
    "partner_center_support",
    "check_offer",
    "check_version",
    "technical_benefits_page",
    "find_administrator",
    "switch_account",
    "new_support_request",
    "get_membership",
    "human_agent",
    "answer",
)
BENEFITS = ("microsoft_product_support", "signature_cloud_support", "csp_support_plan")
REASONS = (
    "older_than_n_minus_1",
    "mainstream_support_ended",
    "cannot_confirm_lifecycle",
    "action_pack_has_no_cloud_support",
    "no_active_offer",
    "not_break_fix",
)
PREPARATIONS = (
    "sign_in_with_mpn_account",
    "activate_benefits",
    "ask_administrator_to_activate",
    "get_ids",
    "add_contract",
    "link_support_benefits",
    "add_contract_in_workload_portal",
    "ask_admin_agent",
)
COVERAGES = ("covered", "not_covered", "check_offer", "check_version")

# What the outputs of a table may be, by output name; None: the table's own affair.
OUTPUTS = {
    "route": ROUTES,
    "covered_by": BENEFITS,
    "reason": REASONS,
    "preparation": PREPARATIONS,
    "coverage": COVERAGES,
    "contract_needed": ("yes", "no"),
    "caveat": None,
}
