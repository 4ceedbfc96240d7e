"""What the add-on and the backend share: errors, the scene document, messages. Free of bpy and torch."""
