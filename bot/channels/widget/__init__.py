"""The chat widget: launcher and window for partners' sites, and the channel behind them (docs/widget-protocol.md)."""
