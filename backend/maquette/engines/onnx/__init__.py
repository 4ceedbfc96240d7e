"""The engine on ONNX models: one photo's depth to a camera and a surface."""
