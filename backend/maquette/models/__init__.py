"""Neural models, each a folder: the network, its weights, its tests of parity. None is loaded without need."""
