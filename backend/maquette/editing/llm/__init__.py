"""The planner that asks a language model: scene and words in, a plan out that can be nothing but a plan.

`planner` puts it together; `prompt`, `scene_text` and `examples` are what the model reads; `local_model` (transformers)
and `local_server` (an OpenAI-compatible program) are what answers; `constrained` holds the first to the schema;
`consent` asks the user before anything that the words did not name, which `words` finds out without the model.
"""
