"""Understanding: language, entities through the spaCy linker, intents. The graph components import Rasa; the rest does not."""
