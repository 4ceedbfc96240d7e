"""Depth of one photo from an ONNX model: what a card says of it, a session, and what its output means in space."""
