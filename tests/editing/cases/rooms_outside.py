"""A playground, and a doctor's room."""

from furniture import Room, bed, chair, open_box, shelf, table


def clinic(room: Room) -> None:
    room.shell(5, 4.4, "nwe", 2.7)
    room.camera("cam_0", (0.3, -5.2, 1.9), (0, 0.6, 0.7))
    room.camera("cam_ceiling", (0, 0.001, 7), (0, 0, 0))
    room.box("couch", "examination table", (0.7, 1.9, 0.9), (-1.9, 0.9, 0), "light blue",
             has_front=True, blocks=bed(0.7, 1.9, 0.9))  # fmt: skip
    room.box("pillow", "pillow", (0.45, 0.3, 0.1), (-1.9, 1.5, 0.45), "white")
    room.box("desk", "desk", (1.6, 0.7, 0.74), (0.9, 1.4, 0), "wood", blocks=table(1.6, 0.7, 0.74))
    room.box("screen", "monitor", (0.5, 0.1, 0.4), (0.9, 1.5, 0.74), "black", has_front=True)
    room.box("keys", "keyboard", (0.42, 0.14, 0.02), (0.9, 1.25, 0.74), "dark grey")
    room.box("scope", "stethoscope", (0.16, 0.2, 0.05), (0.35, 1.4, 0.74), "black")
    room.box("pills_1", "pill bottle", (0.05, 0.05, 0.09), (1.35, 1.5, 0.74), "orange")
    room.box("pills_2", "pill bottle", (0.05, 0.05, 0.11), (1.47, 1.5, 0.74), "white")
    room.box("pills_3", "pill bottle", (0.06, 0.06, 0.14), (1.6, 1.5, 0.74), "orange")
    room.box("seat", "office chair", (0.55, 0.55, 1.0), (0.9, 0.6, 0), "black", yaw=180,
             has_front=True, blocks=chair(0.55, 0.55, 1.0))  # fmt: skip
    for n, (x, color) in enumerate(((-1.0, "green"), (-0.4, "green"), (0.2, "grey")), 1):
        room.box(f"chair_{n}", "waiting chair", (0.45, 0.45, 0.8), (x, -1.6, 0), color,
                 has_front=True, blocks=chair(0.45, 0.45, 0.8))  # fmt: skip
    room.box("cabinet", "medicine cabinet", (0.8, 0.35, 1.7), (-0.5, 2.0, 0), "white",
             has_front=True, blocks=shelf(0.8, 0.35, 1.7, 0.5, 1.1))  # fmt: skip
    room.box("kit", "first aid kit", (0.3, 0.2, 0.2), (-0.6, 2.0, 1.1), "red")
    room.box("bandage", "bandage", (0.1, 0.1, 0.08), (-0.3, 2.0, 1.1), "white", loose=0.02)
    room.box("sample", "sample box", (0.25, 0.2, 0.15), (-0.5, 2.0, 0.5), "blue")
    room.box("scale", "weighing scale", (0.4, 0.4, 0.08), (-1.0, 0.4, 0), "grey")
    room.box("bin", "trash can", (0.3, 0.3, 0.4), (2.2, 0.4, 0), "silver")
    room.box("bones", "skeleton", (0.45, 0.35, 1.7), (2.1, -0.8, 0), "white", has_front=True)
    room.box("cart", "trolley", (0.7, 0.45, 0.8), (-1.9, -0.7, 0), "silver",
             blocks=shelf(0.7, 0.45, 0.8, 0.2))  # fmt: skip
    room.box("tray", "tray", (0.35, 0.25, 0.02), (-1.95, -0.7, 0.8), "silver")
    room.box("syringe", "syringe", (0.14, 0.03, 0.03), (-1.95, -0.7, 0.82), "yellow")
    room.box("gloves", "box of gloves", (0.24, 0.12, 0.08), (-1.64, -0.75, 0.8), "purple")
    room.box("toys", "toy crate", (0.6, 0.4, 0.35), (1.3, -1.5, 0), "yellow",
             blocks=open_box(0.6, 0.4, 0.35))  # fmt: skip
    room.box("bear", "teddy", (0.15, 0.15, 0.22), (1.2, -1.5, 0.02), "brown", has_front=True)
    room.box("lamp", "examination lamp", (0.3, 0.3, 1.6), (-1.2, 1.9, 0), "white")
    room.lamp("lamp_light", "bulb", (-1.2, 1.9, 1.5), 30.0, "SPOT", parent="lamp")
    room.lamp("light", "ceiling light", (0, 0, 2.6), 110.0)
    room.box("chart", "eye chart", (0.5, 0.02, 0.8), (1.0, 2.19, 1.4), "white", has_front=True)
    room.box("poster", "poster", (0.6, 0.02, 0.8), (2.0, 2.19, 1.3), "green", has_front=True)
    room.box("sink", "sink", (0.4, 0.5, 0.85), (2.25, 1.3, 0), "white", locked=True)


def playground(room: Room) -> None:
    room.box("lawn", "lawn", (14, 12, 0.1), (0, 0, -0.1), "green", kind="floor")
    room.camera("cam_0", (0, -10, 3), (0, 1, 0.5))
    room.box("slide", "slide", (0.8, 3.0, 2.0), (-3.5, 2, 0), "yellow", has_front=True)
    room.box("swing", "swing set", (3.0, 1.2, 2.2), (1.5, 3.2, 0), "red", has_front=True)
    room.box("sand", "sandbox", (2.0, 2.0, 0.3), (3.8, -0.5, 0), "wood",
             blocks=open_box(2.0, 2.0, 0.3, 0.1))  # fmt: skip
    room.box("castle", "sand castle", (0.5, 0.5, 0.4), (3.8, -0.2, 0.1), "beige")
    room.box("pail", "pail", (0.2, 0.2, 0.2), (3.3, -0.9, 0.1), "blue",
             blocks=open_box(0.2, 0.2, 0.2, 0.01))  # fmt: skip
    room.box("shovel", "toy shovel", (0.1, 0.3, 0.04), (4.2, -0.9, 0.1), "red")
    room.box("table", "picnic table", (1.8, 0.8, 0.75), (-1, -1, 0), "wood",
             blocks=table(1.8, 0.8, 0.75))  # fmt: skip
    room.box("basket", "picnic basket", (0.4, 0.3, 0.25), (-1.5, -1, 0.75), "brown")
    room.box("juice_1", "juice box", (0.07, 0.05, 0.12), (-0.9, -0.9, 0.75), "orange")
    room.box("juice_2", "juice box", (0.07, 0.05, 0.12), (-0.6, -1.0, 0.75), "purple")
    room.box("melon", "watermelon", (0.3, 0.25, 0.22), (-0.3, -1, 0.75), "dark green")
    seat = table(1.5, 0.4, 0.45)
    room.box("bench_1", "park bench", (1.5, 0.4, 0.45), (-1, -2, 0), "brown", blocks=seat)
    room.box("bench_2", "park bench", (1.5, 0.4, 0.45), (2, -3, 0), "green", blocks=seat)
    room.box("coat", "jacket", (0.4, 0.3, 0.08), (2.4, -3, 0.45), "red")
    room.box("bike", "bicycle", (0.5, 1.7, 1.0), (-4.6, -2, 0), "blue", has_front=True)
    room.box("scooter", "scooter", (0.3, 0.9, 0.9), (-3.8, -2, 0), "pink", has_front=True)
    for n, (x, y, size, color) in enumerate(
        ((0.6, 0.4, 0.25, "red"), (1.2, 0.7, 0.3, "yellow"), (0.2, -3.6, 0.4, "blue")), 1
    ):
        room.box(f"ball_{n}", "ball", (size, size, size), (x, y, 0), color)
    for n, (x, y, height) in enumerate(((-5.5, 4.5, 4.0), (5.5, 4.5, 3.2), (5.8, -3.5, 2.4)), 1):
        room.box(f"tree_{n}", "tree", (1.0, 1.0, height), (x, y, 0), "dark green")
    room.box("fence", "fence", (6, 0.1, 1.0), (0, 5.6, 0), "white")
    room.box("can", "trash bin", (0.5, 0.5, 0.9), (4.5, 2.5, 0), "grey")
    room.box("hydrant", "fire hydrant", (0.3, 0.3, 0.7), (-5.6, 0.5, 0), "red", locked=True)
    room.box("dog", "dog", (0.25, 0.7, 0.5), (-2.4, 0.2, 0), "brown", yaw=40, has_front=True)
    room.lamp("sun", "sun", (0, 0, 8), 3.0, "SUN")
    room.lamp("lantern", "street lamp", (4.5, 4, 3.5), 200.0)
