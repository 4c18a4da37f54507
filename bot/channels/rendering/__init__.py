"""A message of the transcript (bot/channels/message.py) is the widget's form as it is; here are the platforms' forms."""
