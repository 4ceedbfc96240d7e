"""Rooms at home: bathroom, nursery, studio, attic, hallway."""

from furniture import Room, bed, chair, easel, open_box, shelf, sofa, table, toilet


def bathroom(room: Room) -> None:
    room.shell(3.6, 2.8, "nwe", 2.5)
    room.camera("cam_0", (0, -3.6, 1.7), (0, 1, 0.8))
    room.camera("cam_top", (0, 0.001, 6), (0, 0, 0))
    room.box(
        "tub",
        "bathtub",
        (0.8, 1.6, 0.55),
        (-1.3, 0.5, 0),
        "white",
        blocks=open_box(0.8, 1.6, 0.55, 0.05),
    )
    room.box(
        "duck",
        "rubber duck",
        (0.1, 0.12, 0.1),
        (-1.3, 0.2, 0.05),
        "yellow",
        has_front=True,
        loose=0.05,
    )
    room.box(
        "toilet",
        "toilet",
        (0.38, 0.65, 0.8),
        (0.2, 1.05, 0),
        "white",
        has_front=True,
        blocks=toilet(0.38, 0.65, 0.8),
    )
    room.box("roll_1", "toilet paper", (0.11, 0.11, 0.1), (0.2, 1.27, 0.8), "white")
    room.box(
        "vanity", "bathroom cabinet", (1.0, 0.5, 0.85), (1.15, 1.12, 0), "wood", has_front=True
    )
    room.box("cup", "cup", (0.08, 0.08, 0.1), (0.78, 1.05, 0.85), "blue", loose=0.02)
    room.box("soap", "soap dispenser", (0.07, 0.07, 0.16), (1.05, 1.02, 0.85), "green", loose=0.02)
    room.box("toothpaste", "toothpaste", (0.16, 0.04, 0.04), (1.4, 1.05, 0.85), "red", loose=0.02)
    room.box("mirror", "mirror", (0.8, 0.03, 0.7), (1.15, 1.384, 1.2), "silver", has_front=True)
    room.lamp("mirror_light", "mirror light", (1.15, 1.3, 2.05), 20.0, "AREA")
    room.box(
        "washer",
        "washing machine",
        (0.6, 0.6, 0.85),
        (1.45, -0.7, 0),
        "white",
        yaw=-90,
        has_front=True,
    )
    room.box("detergent", "detergent", (0.12, 0.2, 0.28), (1.4, -0.85, 0.85), "orange")
    room.box("towel_3", "towel", (0.3, 0.2, 0.06), (1.45, -0.55, 0.85), "red")
    room.box(
        "hamper",
        "hamper",
        (0.45, 0.45, 0.6),
        (-0.4, -1.0, 0),
        "beige",
        blocks=open_box(0.45, 0.45, 0.6),
    )
    room.box(
        "stool",
        "stool",
        (0.35, 0.35, 0.42),
        (-0.45, 0.6, 0),
        "wood",
        blocks=table(0.35, 0.35, 0.42),
    )
    room.box("towel_1", "towel", (0.3, 0.2, 0.05), (-0.45, 0.6, 0.42), "white")
    room.box("towel_2", "towel", (0.28, 0.2, 0.05), (-0.45, 0.6, 0.47), "blue")
    room.box("mat", "bath mat", (0.6, 0.7, 0.012), (-0.5, -0.2, 0), "grey")
    room.box("bin", "pedal bin", (0.22, 0.22, 0.3), (-0.3, 1.2, 0), "silver")
    room.box("shelf", "wall shelf", (0.7, 0.2, 0.03), (0.2, 1.29, 1.5), "wood")
    room.box("bottle_1", "bottle", (0.06, 0.06, 0.22), (-0.05, 1.29, 1.53), "green")
    room.box("bottle_2", "bottle", (0.06, 0.06, 0.16), (0.12, 1.29, 1.53), "white")
    room.box("bottle_3", "bottle", (0.07, 0.07, 0.27), (0.3, 1.29, 1.53), "purple")
    room.box("roll_2", "toilet paper", (0.11, 0.11, 0.1), (0.47, 1.29, 1.53), "white")
    room.box("scale", "bathroom scale", (0.3, 0.3, 0.04), (0.5, -0.8, 0), "black")
    room.box("plant", "plant", (0.3, 0.3, 0.7), (-1.45, -0.95, 0), "green")
    room.box("radiator", "radiator", (0.08, 0.8, 0.6), (1.75, 0.2, 0.2), "light grey", locked=True)
    room.lamp("ceiling_light", "ceiling light", (0, 0, 2.4), 80.0)


def nursery(room: Room) -> None:
    room.shell(4, 4, "nwe", color="light blue")
    room.camera("cam_0", (0, -4.8, 1.8), (0, 1, 0.6))
    room.box(
        "bed",
        "bed",
        (1.0, 2.0, 0.9),
        (-1.3, 0.95, 0),
        "white",
        has_front=True,
        blocks=bed(1.0, 2.0, 0.9),
    )
    room.box("pillow", "pillow", (0.5, 0.3, 0.12), (-1.3, 1.68, 0.45), "yellow")
    room.box("blanket", "blanket", (0.9, 0.8, 0.03), (-1.3, 0.95, 0.45), "blue")
    room.box("teddy", "teddy bear", (0.2, 0.2, 0.35), (-1.3, 0.3, 0.45), "brown", has_front=True)
    room.box("bedside", "bedside table", (0.4, 0.35, 0.5), (-0.5, 1.75, 0), "wood")
    room.box("night_lamp", "lamp", (0.14, 0.14, 0.25), (-0.58, 1.78, 0.5), "orange")
    room.lamp("night_bulb", "bulb", (-0.58, 1.78, 0.7), 15.0, parent="night_lamp")
    room.box("clock", "alarm clock", (0.1, 0.06, 0.1), (-0.38, 1.7, 0.5), "red", has_front=True)
    room.box("desk", "desk", (1.2, 0.6, 0.7), (1.2, 1.6, 0), "wood", blocks=table(1.2, 0.6, 0.7))
    room.box("globe", "globe", (0.25, 0.25, 0.35), (0.85, 1.65, 0.7), "blue", loose=0.02)
    room.box(
        "cup", "cup", (0.08, 0.08, 0.1), (1.2, 1.55, 0.7), "pink", name="Crayon Cup", loose=0.02
    )
    room.box("notebook", "notebook", (0.2, 0.28, 0.02), (1.42, 1.5, 0.7), "purple")
    room.box("desk_lamp", "desk lamp", (0.15, 0.15, 0.4), (1.68, 1.75, 0.7), "red")
    room.box(
        "chair",
        "chair",
        (0.4, 0.4, 0.75),
        (1.2, 0.95, 0),
        "green",
        yaw=180,
        has_front=True,
        blocks=chair(0.4, 0.4, 0.75),
    )
    room.box(
        "chest",
        "toy box",
        (0.8, 0.5, 0.5),
        (1.5, -1.1, 0),
        "orange",
        blocks=open_box(0.8, 0.5, 0.5),
    )
    room.box("doll", "doll", (0.12, 0.1, 0.3), (1.35, -1.1, 0.02), "pink", has_front=True)
    room.box("car_1", "toy car", (0.1, 0.2, 0.08), (1.7, -1.1, 0.02), "red", has_front=True)
    room.box("rug", "rug", (1.5, 1.2, 0.01), (0, -0.4, 0), "turquoise")
    room.box(
        "car_2", "toy car", (0.1, 0.2, 0.08), (-0.1, -0.15, 0.01), "blue", yaw=90, has_front=True
    )
    room.box("block_1", "building block", (0.12, 0.12, 0.12), (-0.55, -0.3, 0.01), "red")
    room.box("block_2", "building block", (0.12, 0.12, 0.12), (-0.55, -0.3, 0.13), "blue")
    room.box("block_3", "building block", (0.12, 0.12, 0.12), (-0.55, -0.3, 0.25), "yellow")
    room.box(
        "block_4", "building block", (0.12, 0.12, 0.12), (0.2, -0.6, 0.01), "green", loose=0.03
    )
    room.box(
        "block_5", "building block", (0.12, 0.12, 0.12), (0.55, -0.2, 0.01), "yellow", loose=0.03
    )
    room.box(
        "train",
        "toy train",
        (0.12, 0.5, 0.15),
        (-0.3, -0.75, 0.01),
        "black",
        yaw=90,
        has_front=True,
    )
    room.box(
        "shelf",
        "bookshelf",
        (0.9, 0.3, 1.2),
        (-1.82, -0.9, 0),
        "white",
        yaw=90,
        has_front=True,
        blocks=shelf(0.9, 0.3, 1.2, 0.3, 0.7),
    )
    room.box("book_1", "book", (0.18, 0.03, 0.24), (-1.82, -1.15, 0.7), "red")
    room.box("book_2", "book", (0.18, 0.03, 0.22), (-1.82, -1.05, 0.7), "green")
    room.box(
        "dinosaur",
        "dinosaur",
        (0.12, 0.3, 0.2),
        (-1.82, -1.1, 1.2),
        "green",
        yaw=90,
        has_front=True,
    )
    room.box(
        "robot", "robot", (0.15, 0.12, 0.3), (-1.82, -0.7, 1.2), "grey", yaw=90, has_front=True
    )
    room.box("beanbag", "bean bag", (0.7, 0.7, 0.5), (-0.7, -1.5, 0), "purple")
    room.box("horse", "rocking horse", (0.3, 0.8, 0.7), (1.7, 0.1, 0), "white", has_front=True)
    room.box("ball_1", "ball", (0.24, 0.24, 0.24), (0.6, -1.5, 0), "red", loose=0.05)
    room.box("ball_2", "ball", (0.12, 0.12, 0.12), (0.15, -1.6, 0), "yellow", loose=0.05)
    room.box("poster", "poster", (0.6, 0.03, 0.8), (0.2, 1.984, 1.2), "orange", has_front=True)
    room.box("kite", "kite", (0.4, 0.4, 0.1), (-1.3, 0.6, 1.9), "pink")
    room.lamp("ceiling_light", "ceiling light", (0, 0, 2.4), 100.0)


def studio(room: Room) -> None:
    room.shell(6, 5, "nwe", color="white")
    room.camera("cam_0", (0, -5.5, 1.7), (0, 1, 0.7))
    room.box(
        "easel",
        "easel",
        (0.7, 0.5, 1.6),
        (-1.8, 0.7, 0),
        "wood",
        has_front=True,
        blocks=easel(0.7, 0.5, 1.6),
    )
    room.box("canvas", "canvas", (0.5, 0.03, 0.6), (-1.8, 0.75, 0.8), "white", has_front=True)
    room.box(
        "stool", "stool", (0.35, 0.35, 0.5), (-1.8, -0.1, 0), "black", blocks=table(0.35, 0.35, 0.5)
    )
    room.box("palette", "palette", (0.3, 0.2, 0.02), (-1.8, -0.1, 0.5), "wood")
    room.box("piano", "piano", (1.5, 0.6, 1.2), (1.6, 2.1, 0), "black", has_front=True)
    room.box("metronome", "metronome", (0.12, 0.12, 0.22), (1.1, 2.1, 1.2), "brown")
    room.box("candle", "candlestick", (0.1, 0.1, 0.3), (2.1, 2.1, 1.2), "gold")
    room.box("bench", "piano bench", (0.8, 0.35, 0.48), (1.6, 1.45, 0), "black")
    room.box("guitar_1", "guitar", (0.4, 0.15, 1.0), (-0.5, 2.3, 0), "red", has_front=True)
    room.box("guitar_2", "guitar", (0.4, 0.15, 1.0), (0.1, 2.3, 0), "brown", has_front=True)
    room.box("amp", "amplifier", (0.6, 0.35, 0.55), (-1.3, 2.2, 0), "dark grey", has_front=True)
    room.box("speaker_1", "speaker", (0.35, 0.35, 1.0), (-2.6, 2.2, 0), "black", has_front=True)
    room.box("speaker_2", "speaker", (0.35, 0.35, 1.0), (2.75, 2.2, 0), "black", has_front=True)
    room.box("mic", "microphone stand", (0.3, 0.3, 1.5), (0.3, 0.4, 0.008), "silver")
    for number, (x, y, color, size) in enumerate(
        ((1.7, -0.6, "red", 0.6), (2.5, -0.4, "white", 0.45), (2.2, -1.2, "blue", 0.35)), 1
    ):
        room.box(f"drum_{number}", "drum", (size, size, size * 0.8), (x, y, 0), color)
    room.box(
        "sofa",
        "sofa",
        (1.7, 0.85, 0.8),
        (-2.0, -1.2, 0),
        "grey",
        yaw=90,
        has_front=True,
        blocks=sofa(1.7, 0.85, 0.8),
    )
    room.box("pillow_1", "pillow", (0.36, 0.12, 0.36), (-2.15, -1.7, 0.42), "orange", yaw=90)
    room.box("pillow_2", "pillow", (0.36, 0.12, 0.36), (-2.15, -0.75, 0.42), "teal", yaw=90)
    room.box(
        "side_table",
        "side table",
        (0.5, 0.5, 0.5),
        (-0.85, -2.1, 0),
        "wood",
        blocks=table(0.5, 0.5, 0.5),
    )
    room.box("laptop", "laptop", (0.32, 0.22, 0.03), (-0.88, -2.08, 0.5), "silver", has_front=True)
    room.box("mug", "mug", (0.08, 0.08, 0.1), (-0.66, -2.28, 0.5), "white")
    room.box(
        "trolley",
        "trolley",
        (0.5, 0.4, 0.7),
        (-0.8, 0.6, 0),
        "light grey",
        blocks=[*table(0.5, 0.4, 0.7), ((-0.2, -0.15, 0.25), (0.2, 0.15, 0.27))],
    )
    for number, (x, color) in enumerate(((-0.95, "red"), (-0.8, "blue"), (-0.65, "yellow")), 1):
        room.box(f"tube_{number}", "paint tube", (0.04, 0.14, 0.04), (x, 0.6, 0.7), color)
    room.box(
        "crate",
        "box",
        (0.4, 0.4, 0.35),
        (1.0, -1.5, 0),
        "wood",
        name="Record Box",
        blocks=open_box(0.4, 0.4, 0.35),
    )
    room.box("record_1", "record", (0.3, 0.01, 0.3), (1.0, -1.55, 0.02), "black")
    room.box("record_2", "record", (0.3, 0.01, 0.3), (1.0, -1.48, 0.02), "black")
    room.box("tripod", "tripod", (0.5, 0.5, 1.4), (-0.3, -1.5, 0), "black")
    room.box("rug", "rug", (1.6, 1.2, 0.008), (0.4, 0.5, 0), "blue")
    room.lamp("spot_1", "spotlight", (-2.5, 0, 2.4), 40.0, "SPOT")
    room.lamp("spot_2", "spotlight", (2.5, 0, 2.4), 40.0, "SPOT")
    room.lamp("daylight", "sun", (0, -2, 3), 3.0, "SUN")


def attic(room: Room) -> None:
    """Few names, no scale: what a reconstruction finds."""
    room.shell(5, 4, "nw", 2.4, "light grey")
    room.camera("photo_03", (-4.2, -3.6, 2.2), (0, 0.5, 0.4))
    room.camera("photo_11", (0, -5, 1.8), (0, 0.5, 0.4))
    for item in room.objects:
        item["label"] = None
    room.box("o1", "trunk", (1.0, 0.6, 0.6), (-1.5, 1.4, 0), "brown", name="Mesh_001")
    room.box("o2", None, (0.3, 0.3, 0.3), (-1.7, 1.4, 0.6), "red", name="Mesh_002")
    room.box("o3", None, (0.2, 0.2, 0.45), (-1.25, 1.4, 0.6), "green", name="Mesh_003")
    room.box("o4", None, (0.4, 0.4, 1.5), (0.2, 1.6, 0), "purple", name="Mesh_004")
    room.box("o5", None, (0.5, 0.5, 0.5), (0.8, -0.3, 0), "blue", name="Mesh_005")
    room.box("o6", None, (0.8, 0.5, 0.04), (-0.8, -0.6, 0), "yellow", name="Mesh_006")
    room.box(
        "o7",
        "chair",
        (0.5, 0.5, 0.95),
        (1.9, 1.2, 0),
        "white",
        name="Mesh_007",
        yaw=-45,
        has_front=True,
        blocks=chair(0.5, 0.5, 0.95),
    )
    room.box("o8", None, (0.25, 0.25, 0.25), (0.3, -1.3, 0), "red", name="Mesh_008")
    room.box(
        "o9",
        None,
        (1.2, 0.7, 0.7),
        (1.4, -1.3, 0),
        "grey",
        name="Mesh_009",
        blocks=table(1.2, 0.7, 0.7),
    )
    room.box("o10", None, (0.3, 0.2, 0.1), (1.2, -1.3, 0.7), "orange", name="Mesh_010")
    room.box("o11", None, (0.15, 0.15, 0.3), (1.7, -1.2, 0.7), "black", name="Mesh_011")
    room.box("o12", None, (0.5, 0.03, 0.5), (-0.4, 1.98, 1.2), "teal", name="Mesh_012")
    room.lamp("lamp", "lamp", (0, 0, 2.2), 60.0)


def hallway(room: Room) -> None:
    room.shell(2.8, 6, "nwe", color="white")
    room.camera("cam_0", (0, -4.8, 1.7), (0, 1, 0.8))
    room.camera("cam_back", (0, 4.8, 2.0), (0, -1, 0.8))
    room.box(
        "rack",
        "shoe rack",
        (1.0, 0.35, 0.5),
        (-1.2, 0.6, 0),
        "wood",
        yaw=90,
        has_front=True,
        blocks=shelf(1.0, 0.35, 0.5, 0.1),
    )
    for number, y in ((1, 0.3), (2, 0.45)):
        room.box(
            f"shoe_{number}",
            "shoe",
            (0.1, 0.28, 0.1),
            (-1.2, y, 0.5),
            "black",
            yaw=90,
            has_front=True,
        )
    for number, y in ((1, 0.75), (2, 0.9)):
        room.box(
            f"boot_{number}",
            "boot",
            (0.11, 0.28, 0.3),
            (-1.2, y, 0.1),
            "brown",
            yaw=90,
            has_front=True,
        )
    room.box(
        "sneaker",
        "shoe",
        (0.1, 0.28, 0.1),
        (-0.5, -0.4, 0),
        "red",
        yaw=30,
        has_front=True,
        name="Sneaker",
    )
    room.box(
        "console",
        "console table",
        (1.1, 0.35, 0.8),
        (1.2, 1.2, 0),
        "brown",
        yaw=-90,
        has_front=True,
        blocks=table(1.1, 0.35, 0.8),
    )
    room.box(
        "bowl",
        "bowl",
        (0.2, 0.2, 0.07),
        (1.2, 0.85, 0.8),
        "turquoise",
        blocks=open_box(0.2, 0.2, 0.07),
    )
    room.box("keys", "keys", (0.06, 0.04, 0.02), (1.2, 0.85, 0.82), "silver")
    room.box(
        "phone", "telephone", (0.2, 0.2, 0.12), (1.2, 1.2, 0.8), "red", yaw=-90, has_front=True
    )
    room.box("letter_1", "letter", (0.11, 0.22, 0.004), (1.2, 1.45, 0.8), "white")
    room.box("letter_2", "letter", (0.11, 0.22, 0.004), (1.2, 1.45, 0.804), "beige")
    room.box(
        "mirror", "mirror", (0.7, 0.03, 1.0), (1.384, 1.2, 1.1), "silver", yaw=-90, has_front=True
    )
    room.box("coats", "coat stand", (0.4, 0.4, 1.8), (-1.0, 2.5, 0), "black")
    room.box("hat", "hat", (0.3, 0.3, 0.15), (-1.0, 2.5, 1.8), "beige")
    room.box(
        "stand",
        "umbrella stand",
        (0.25, 0.25, 0.5),
        (1.2, 2.3, 0),
        "dark grey",
        blocks=open_box(0.25, 0.25, 0.5),
    )
    room.box("umbrella", "umbrella", (0.08, 0.08, 0.9), (1.2, 2.3, 0.02), "purple")
    room.box(
        "bench",
        "bench",
        (1.2, 0.4, 0.45),
        (-1.15, -1.0, 0),
        "wood",
        yaw=90,
        has_front=True,
        blocks=table(1.2, 0.4, 0.45),
    )
    room.box(
        "bag", "backpack", (0.3, 0.2, 0.4), (-1.15, -1.2, 0.45), "orange", yaw=90, has_front=True
    )
    room.box("case_1", "suitcase", (0.5, 0.25, 0.7), (0.9, -0.6, 0), "red")
    room.box("case_2", "suitcase", (0.4, 0.2, 0.5), (0.9, -1.1, 0), "blue")
    room.box("doormat", "doormat", (0.8, 0.5, 0.01), (0.0, -2.4, 0), "brown")
    room.box("stroller", "stroller", (0.5, 0.8, 1.0), (0.2, 2.3, 0), "navy", has_front=True)
    room.box("plant", "potted plant", (0.3, 0.3, 0.8), (1.15, -2.3, 0), "green")
    room.box("cat", "cat", (0.15, 0.35, 0.25), (0.1, 0.6, 0), "orange", has_front=True)
    for number, (y, color) in enumerate(((-0.4, "green"), (-1.0, "blue"), (-1.6, "green")), 1):
        room.box(
            f"picture_{number}",
            "picture",
            (0.3, 0.03, 0.4),
            (-1.384, y, 1.4),
            color,
            yaw=90,
            has_front=True,
        )
    room.box(
        "meter",
        "fuse box",
        (0.4, 0.1, 0.5),
        (0.9, 2.944, 1.5),
        "light grey",
        has_front=True,
        locked=True,
    )
    for number, y in enumerate((-1.5, 0.5, 2.0), 1):
        room.lamp(f"light_{number}", "hall light", (0, y, 2.4), 40.0)
