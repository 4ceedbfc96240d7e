"""G²VLM: geometry and language in one decoder with two experts (arXiv 2511.21688).

config      sizes, from the JSON files that lie beside the weights
prepare     photos to tensors: one branch for geometry, one for language
tokens      text to ids and back
packing     which tokens a pass holds, in which order, at which positions
rotary      rotary embeddings: M-RoPE of the language model, RoPE2D of the geometry decoders
dino        the geometry encoder, DINOv2 with registers
vit         the language side's encoder, as in Qwen2-VL
language    the decoder: Qwen2 layers, twice, with a cache
geometry    three decoders and their heads: local points, cameras, global points
model       the passes of a call through all of it, and reconstruction
chat        questions about photos, turn by turn
decoding    one token's step in fixed memory, recorded on CUDA
weights     the released layout, strictly
parity      golden tensors, stage by stage
literal     the published order of operations: what speed is measured against
"""
