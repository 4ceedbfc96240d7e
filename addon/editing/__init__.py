"""What is said about the open scene, in Blender: it is read, proposals are shown, and carried out. Bottom to top:

names       ids of objects and labels of things
looks       materials and lights, read and written
geometry    meshes as the backend needs them
lenses      cameras and viewports
observer    what of the scene is new since the last prompt
changes     a proposal carried out, or why it cannot be
ghosts      what is proposed, drawn over the viewport
"""
