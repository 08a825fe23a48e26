"""How a message is read: its language, sentences, words, question and requested form."""
