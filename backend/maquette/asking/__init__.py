"""Questions that a network answers from photos.

options    how it is answered
subject    what is asked about: photos, or a scene's photos and the names of its things
coverage   which of a scene's photos show most of it
answering  the model: whether it fits into memory, loaded, asked
"""
