"""Learning from real talk: what was not understood is shown, a person says what it means, and that becomes training data.

Every text that leaves this package has been through `bot.redaction`.
"""
