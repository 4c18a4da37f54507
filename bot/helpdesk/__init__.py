"""The helpdesk: the cases that conversations become, the staff who take them, and the console they work in."""
