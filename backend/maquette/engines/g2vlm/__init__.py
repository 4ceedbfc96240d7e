"""The engine on G²VLM: cameras and dense points of 1…N photos in one forward pass."""
