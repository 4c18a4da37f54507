"""Microsoft Teams: Bot Framework activities in, the connector service out."""
