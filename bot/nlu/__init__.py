"""Understanding: language, entities through the spaCy linker, intents. Only components.py imports Rasa."""
