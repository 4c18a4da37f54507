"""A message of the transcript (bot/channels/message.py) is the widget's form as it stands; here are the forms of other platforms."""
