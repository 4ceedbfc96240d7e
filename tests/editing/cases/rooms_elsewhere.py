"""Rooms elsewhere: library, shop, laboratory, camp, classroom."""

from furniture import Room, chair, open_box, shelf, sofa, table


def library(room: Room) -> None:
    room.shell(7, 6, "nwe", 3.0, "beige")
    room.camera("cam_0", (0, -6, 1.9), (0, 1, 0.8))
    room.camera("cam_east", (6, 0, 1.8), (0, 0, 0.8))
    for number, x in ((1, -2.2), (2, 0.0)):
        room.box(
            f"shelf_{number}",
            "bookshelf",
            (1.6, 0.35, 2.0),
            (x, 2.8, 0),
            "brown",
            has_front=True,
            blocks=shelf(1.6, 0.35, 2.0, 0.1, 0.6, 1.1, 1.6),
        )
    for number, (x, z, color, tall) in enumerate(
        (
            (-2.7, 1.1, "red", 0.25),
            (-2.45, 1.1, "blue", 0.22),
            (-2.0, 1.1, "green", 0.28),
            (0.2, 0.6, "red", 0.24),
        ),
        1,
    ):
        room.box(f"book_{number}", "book", (0.04, 0.18, tall), (x, 2.78, z), color)
    room.box("atlas", "atlas", (0.3, 0.22, 0.05), (-0.3, 2.78, 0.6), "navy")
    room.box("clock", "clock", (0.25, 0.12, 0.3), (0.1, 2.8, 2.0), "gold", has_front=True)
    room.box("ladder", "ladder", (0.45, 0.3, 2.1), (-1.1, 2.75, 0), "wood")
    room.box("rug", "rug", (2.6, 2.6, 0.01), (0, 0, 0), "dark red")
    room.box(
        "table",
        "reading table",
        (2.0, 1.0, 0.75),
        (0, 0, 0.01),
        "wood",
        blocks=table(2.0, 1.0, 0.75),
    )
    for number, (x, y, yaw, color) in enumerate(
        (
            (-0.5, -0.8, 180, "brown"),
            (0.5, -0.8, 180, "red"),
            (-0.5, 0.8, 0, "brown"),
            (0.5, 0.8, 0, "brown"),
        ),
        1,
    ):
        room.box(
            f"chair_{number}",
            "chair",
            (0.45, 0.45, 0.95),
            (x, y, 0.01),
            color,
            yaw=yaw,
            has_front=True,
            blocks=chair(0.45, 0.45, 0.95),
        )
    for number, x in ((1, -0.75), (2, 0.75)):
        room.box(f"lamp_{number}", "reading lamp", (0.2, 0.2, 0.4), (x, 0, 0.76), "green")
        room.lamp(f"bulb_{number}", "bulb", (x, 0, 1.06), 25.0, parent=f"lamp_{number}")
    room.box("newspaper", "newspaper", (0.4, 0.3, 0.01), (0.05, 0.25, 0.76), "light grey")
    room.box("magnifier", "magnifying glass", (0.1, 0.2, 0.02), (0.35, -0.1, 0.76), "silver")
    room.box("book_5", "book", (0.16, 0.22, 0.04), (-0.25, -0.2, 0.76), "yellow")
    room.box("globe", "globe", (0.5, 0.5, 1.1), (2.6, 2.3, 0), "blue")
    room.box(
        "armchair",
        "armchair",
        (0.9, 0.9, 1.0),
        (2.5, 0.4, 0),
        "dark red",
        yaw=-90,
        has_front=True,
        blocks=sofa(0.9, 0.9, 1.0),
    )
    room.box("footstool", "footstool", (0.45, 0.45, 0.4), (1.6, 0.4, 0), "dark red")
    room.box("cat", "cat", (0.2, 0.35, 0.25), (1.6, 0.4, 0.4), "grey", has_front=True)
    room.box(
        "fireplace",
        "fireplace",
        (1.4, 0.4, 1.2),
        (3.3, -1.2, 0),
        "grey",
        yaw=-90,
        has_front=True,
        locked=True,
    )
    room.box("vase", "vase", (0.15, 0.15, 0.35), (3.3, -0.8, 1.2), "turquoise")
    room.box(
        "cart",
        "book cart",
        (0.7, 0.4, 0.9),
        (-2.7, -0.4, 0),
        "dark green",
        blocks=[*table(0.7, 0.4, 0.9), ((-0.3, -0.15, 0.3), (0.3, 0.15, 0.32))],
    )
    room.box("book_6", "book", (0.16, 0.22, 0.05), (-2.85, -0.4, 0.9), "black")
    room.box("book_7", "book", (0.15, 0.2, 0.03), (-2.55, -0.4, 0.9), "white")
    room.box("pedestal", "pedestal", (0.4, 0.4, 1.0), (1.5, 2.6, 0), "light grey")
    room.box("bust", "bust", (0.3, 0.3, 0.5), (1.5, 2.6, 1.0), "white", has_front=True)
    room.box(
        "painting_1",
        "painting",
        (0.8, 0.04, 0.6),
        (-3.478, 1.0, 1.4),
        "orange",
        yaw=90,
        has_front=True,
        name="Harbour",
    )
    room.box(
        "painting_2",
        "painting",
        (0.5, 0.04, 0.7),
        (-3.478, -0.8, 1.4),
        "dark grey",
        yaw=90,
        has_front=True,
        name="Portrait",
    )
    room.box(
        "basket",
        "wastebasket",
        (0.3, 0.3, 0.35),
        (-1.8, -1.8, 0),
        "black",
        blocks=open_box(0.3, 0.3, 0.35),
    )
    room.box(
        "desk",
        "desk",
        (1.2, 0.6, 0.75),
        (2.0, -2.3, 0),
        "wood",
        has_front=True,
        blocks=table(1.2, 0.6, 0.75),
    )
    room.box(
        "typewriter", "typewriter", (0.35, 0.3, 0.15), (1.9, -2.3, 0.75), "black", has_front=True
    )
    room.box("ink", "ink bottle", (0.06, 0.06, 0.08), (2.4, -2.15, 0.75), "blue")
    room.lamp("chandelier", "chandelier", (0, 0, 2.8), 200.0)


def shop(room: Room) -> None:
    """Seen along +X: the viewer's right is -Y."""
    room.shell(6, 6, "nse", color="beige")
    room.camera("cam_0", (-6.5, 0, 1.8), (0, 0, 0.7))
    room.camera("cam_till", (2.0, -5.5, 2.2), (2.0, 0, 0.9))
    room.box("counter", "counter", (2.4, 0.6, 0.95), (2.0, 0.0, 0), "wood", yaw=-90, has_front=True)
    room.box(
        "till", "cash register", (0.4, 0.35, 0.3), (2.0, 0.7, 0.95), "black", yaw=90, has_front=True
    )
    room.box("scales", "scales", (0.3, 0.3, 0.15), (2.0, 0.1, 0.95), "silver")
    room.box("bell", "bell", (0.08, 0.08, 0.06), (1.85, 0.4, 0.95), "gold")
    for number, (y, color, tall) in enumerate(
        ((-0.35, "red", 0.2), (-0.65, "green", 0.3), (-0.95, "yellow", 0.25)), 1
    ):
        room.box(f"jar_{number}", "jar", (0.12, 0.12, tall), (2.0, y, 0.95), color, loose=0.02)
    room.box(
        "shelf_1",
        "shelf",
        (2.0, 0.4, 1.6),
        (0, 2.78, 0),
        "white",
        has_front=True,
        blocks=shelf(2.0, 0.4, 1.6, 0.1, 0.6, 1.1),
    )
    room.box("cereal_1", "cereal box", (0.2, 0.08, 0.3), (-0.7, 2.75, 1.1), "orange")
    room.box("cereal_2", "cereal box", (0.2, 0.08, 0.3), (-0.4, 2.75, 1.1), "blue")
    room.box("can_1", "tin can", (0.08, 0.08, 0.12), (0.0, 2.75, 0.6), "red")
    room.box("can_2", "tin can", (0.08, 0.08, 0.12), (0.2, 2.75, 0.6), "red")
    room.box("can_3", "tin can", (0.08, 0.08, 0.12), (0.4, 2.75, 0.6), "white")
    room.box(
        "shelf_2",
        "shelf",
        (2.0, 0.4, 1.2),
        (0, -2.78, 0),
        "white",
        yaw=180,
        has_front=True,
        blocks=shelf(2.0, 0.4, 1.2, 0.1, 0.6),
    )
    room.box("bread_1", "loaf", (0.3, 0.14, 0.14), (-0.5, -2.78, 0.6), "brown", name="Bread")
    room.box("bread_2", "loaf", (0.3, 0.14, 0.14), (0.1, -2.78, 0.6), "brown", name="Bread.001")
    room.box("flour", "sack", (0.3, 0.2, 0.45), (0.5, -2.78, 0.1), "white", name="Flour")
    for number, (y, color) in enumerate(((1.5, "green"), (0.7, "wood"), (-0.1, "blue")), 1):
        room.box(
            f"crate_{number}",
            "crate",
            (0.5, 0.4, 0.3),
            (-1.2, y, 0),
            color,
            blocks=open_box(0.5, 0.4, 0.3),
        )
    for number, (x, y, color) in enumerate(
        ((-1.32, 1.5, "red"), (-1.2, 1.55, "red"), (-1.05, 1.45, "green")), 1
    ):
        room.box(f"apple_{number}", "apple", (0.08, 0.08, 0.08), (x, y, 0.02), color)
    room.box("orange_1", "orange", (0.09, 0.09, 0.09), (-1.3, 0.7, 0.02), "orange")
    room.box("orange_2", "orange", (0.09, 0.09, 0.09), (-1.1, 0.75, 0.02), "orange")
    room.box(
        "display",
        "display table",
        (0.9, 0.9, 0.8),
        (0.2, -1.0, 0),
        "dark green",
        blocks=table(0.9, 0.9, 0.8),
    )
    room.box("pumpkin", "pumpkin", (0.3, 0.3, 0.25), (0.0, -0.8, 0.8), "orange")
    room.box("melon", "melon", (0.22, 0.22, 0.2), (0.4, -1.2, 0.8), "green")
    room.box(
        "freezer",
        "freezer",
        (0.9, 0.7, 0.9),
        (-2.0, -2.3, 0),
        "light grey",
        yaw=180,
        has_front=True,
    )
    room.box(
        "cart_1",
        "shopping cart",
        (0.5, 0.8, 0.9),
        (-2.3, 2.2, 0),
        "silver",
        blocks=open_box(0.5, 0.8, 0.9),
    )
    room.box("sign", "sign", (0.9, 0.04, 0.4), (2.978, -1.9, 1.8), "red", yaw=-90, has_front=True)
    room.box("steps", "step stool", (0.4, 0.4, 0.5), (1.5, 2.5, 0), "wood")
    room.box("broom", "broom", (0.1, 0.1, 1.4), (2.8, 2.8, 0), "yellow")
    room.box(
        "safe",
        "safe",
        (0.4, 0.4, 0.5),
        (2.75, -2.7, 0),
        "dark grey",
        yaw=-90,
        has_front=True,
        locked=True,
    )
    for number, y in enumerate((1.5, 0.0, -1.5), 1):
        room.lamp(f"lamp_{number}", "pendant lamp", (0.5, y, 2.2), 50.0)


def laboratory(room: Room) -> None:
    """No view: the viewer stands at -Y."""
    room.shell(7, 5, "nwe", color="white")
    for number, x in ((1, -1.8), (2, 1.2)):
        room.box(
            f"bench_{number}",
            "lab bench",
            (2.2, 0.8, 0.9),
            (x, 1.6, 0),
            "light grey",
            blocks=table(2.2, 0.8, 0.9, 0.08),
        )
    room.box(
        "microscope", "microscope", (0.2, 0.25, 0.4), (-2.6, 1.6, 0.9), "black", has_front=True
    )
    for number, (x, color, tall) in enumerate(
        ((-2.1, "blue", 0.12), (-1.8, "green", 0.2), (-1.5, "orange", 0.16), (0.4, "blue", 0.14)), 1
    ):
        room.box(f"beaker_{number}", "beaker", (0.09, 0.09, tall), (x, 1.5, 0.9), color, loose=0.02)
    room.box("burner", "bunsen burner", (0.1, 0.1, 0.2), (-1.1, 1.5, 0.9), "gold")
    room.box("centrifuge", "centrifuge", (0.4, 0.4, 0.3), (1.0, 1.6, 0.9), "white", has_front=True)
    room.box("balance", "balance", (0.25, 0.3, 0.12), (1.6, 1.6, 0.9), "silver", has_front=True)
    room.box("gloves", "glove box", (0.24, 0.12, 0.08), (2.0, 1.5, 0.9), "purple")
    for number, (x, y, color) in enumerate(
        ((-2.2, 0.7, "black"), (-1.2, 0.7, "black"), (1.2, 0.7, "red")), 1
    ):
        room.box(
            f"stool_{number}",
            "stool",
            (0.36, 0.36, 0.6),
            (x, y, 0),
            color,
            blocks=table(0.36, 0.36, 0.6),
        )
    room.box("fridge", "fridge", (0.7, 0.7, 1.8), (-3.1, -0.6, 0), "white", yaw=90, has_front=True)
    room.box("cooler", "ice box", (0.4, 0.3, 0.3), (-3.1, -0.6, 1.8), "blue")
    room.box("cabinet", "cabinet", (1.0, 0.5, 1.2), (3.2, 0.3, 0), "grey", yaw=-90, has_front=True)
    room.box(
        "printer", "printer", (0.45, 0.4, 0.3), (3.2, 0.3, 1.2), "white", yaw=-90, has_front=True
    )
    room.box(
        "island", "table", (1.8, 0.9, 0.85), (0, -0.9, 0), "white", blocks=table(1.8, 0.9, 0.85)
    )
    room.box("rack", "test tube rack", (0.4, 0.12, 0.02), (-0.5, -0.9, 0.85), "wood")
    for number, (x, color) in enumerate(((-0.62, "red"), (-0.5, "yellow"), (-0.38, "red")), 1):
        room.box(f"tube_{number}", "test tube", (0.03, 0.03, 0.15), (x, -0.9, 0.87), color)
    room.box("screen", "monitor", (0.6, 0.18, 0.45), (0.2, -0.75, 0.85), "black", has_front=True)
    room.box(
        "keyboard", "keyboard", (0.45, 0.15, 0.03), (0.2, -1.15, 0.85), "dark grey", has_front=True
    )
    room.box("notebook", "notebook", (0.2, 0.28, 0.02), (0.7, -1.0, 0.85), "red")
    room.box(
        "bin_1",
        "trash can",
        (0.3, 0.3, 0.5),
        (2.6, -0.9, 0),
        "yellow",
        blocks=open_box(0.3, 0.3, 0.5),
    )
    room.box(
        "bin_2",
        "trash can",
        (0.3, 0.3, 0.5),
        (2.6, -1.5, 0),
        "blue",
        blocks=open_box(0.3, 0.3, 0.5),
    )
    room.box("robot", "robot arm", (0.4, 0.4, 1.0), (-1.7, -1.5, 0), "orange", has_front=True)
    room.box("cylinder_1", "gas cylinder", (0.24, 0.24, 1.3), (3.2, 1.6, 0), "green", locked=True)
    room.box("cylinder_2", "gas cylinder", (0.24, 0.24, 1.3), (3.2, 2.1, 0), "red")
    room.box(
        "whiteboard",
        "whiteboard",
        (1.6, 0.04, 1.0),
        (-3.478, 1.2, 1.1),
        "white",
        yaw=90,
        has_front=True,
    )
    room.box("clock", "wall clock", (0.3, 0.04, 0.3), (0, 2.478, 2.0), "black", has_front=True)
    room.lamp("tube_light_1", "ceiling light", (-1.5, 0.5, 2.5), 90.0)
    room.lamp("tube_light_2", "ceiling light", (1.5, 0.5, 2.5), 90.0)


def campsite(room: Room) -> None:
    """Outdoors: a meadow without walls."""
    room.box("meadow", "grass", (14, 12, 0.2), (0, 0, -0.2), "green", kind="floor", name="Meadow")
    room.camera("cam_0", (0, -9, 2.2), (0, 0, 0.6))
    room.camera("drone", (0, 0.001, 12), (0, 0, 0))
    for key, x, y, size, color in (
        ("tent_1", -3.2, 2.5, (2.4, 2.0, 1.5), "orange"),
        ("tent_2", 0.2, 3.2, (2.0, 1.8, 1.2), "blue"),
    ):
        room.box(key, "tent", size, (x, y, 0), color, has_front=True)
    room.box("fire", "campfire", (0.8, 0.8, 0.3), (0, 0, 0), "dark grey")
    for key, x, y, yaw, color in (
        ("seat_1", -1.4, 0.2, 90, "red"),
        ("seat_2", 1.4, 0.1, -90, "green"),
        ("seat_3", 0.1, 1.5, 0, "red"),
    ):
        room.box(key, "camping chair", (0.6, 0.6, 0.9), (x, y, 0), color, yaw=yaw, has_front=True,
                 blocks=chair(0.6, 0.6, 0.9))  # fmt: skip
    room.box(
        "table",
        "folding table",
        (1.2, 0.7, 0.7),
        (2.8, -1.5, 0),
        "light grey",
        blocks=table(1.2, 0.7, 0.7),
    )
    room.box("lantern_1", "lantern", (0.16, 0.16, 0.3), (2.4, -1.5, 0.7), "yellow")
    room.lamp("flame_1", "bulb", (2.4, -1.5, 0.9), 20.0, parent="lantern_1")
    room.box("lantern_2", "lantern", (0.16, 0.16, 0.3), (-1.8, 1.6, 0), "black")
    room.lamp("flame_2", "bulb", (-1.8, 1.6, 0.2), 20.0, parent="lantern_2")
    room.box("pan", "frying pan", (0.3, 0.5, 0.06), (2.75, -1.4, 0.7), "black")
    for key, x, color in (("cup_1", 3.05, "red"), ("cup_2", 3.2, "blue"), ("cup_3", 3.33, "white")):
        room.box(key, "cup", (0.08, 0.08, 0.09), (x, -1.65, 0.7), color)
    room.box(
        "cooler",
        "cooler",
        (0.6, 0.4, 0.45),
        (4.2, -1.2, 0),
        "blue",
        blocks=open_box(0.6, 0.4, 0.45, 0.04),
    )
    room.box("fish", "fish", (0.1, 0.3, 0.06), (4.2, -1.2, 0.04), "silver")
    for key, x, y in (("log_1", -2.6, -1.6), ("log_2", -2.6, -2.1), ("log_3", -1.6, -2.4)):
        room.box(key, "log", (0.9, 0.3, 0.3), (x, y, 0), "brown")
    room.box("axe", "axe", (0.6, 0.12, 0.05), (-2.6, -1.6, 0.3), "red")
    room.box("canoe", "canoe", (3.4, 0.8, 0.5), (3.5, 3.5, 0), "yellow", has_front=True)
    room.box("paddle_1", "paddle", (0.2, 1.4, 0.05), (5.4, 2.2, 0), "wood")
    room.box("paddle_2", "paddle", (0.2, 1.4, 0.05), (5.9, 2.2, 0), "wood")
    for key, x, y, tall in (
        ("tree_1", -5.8, 4.0, 4.0),
        ("tree_2", -5.2, -3.0, 3.0),
        ("tree_3", 5.8, 4.8, 5.0),
    ):
        room.box(key, "tree", (0.8, 0.8, tall), (x, y, 0), "dark green")
    room.box("rucksack", "backpack", (0.4, 0.3, 0.6), (-4.8, 0.6, 0), "purple", has_front=True)
    room.box("map", "map", (0.4, 0.3, 0.004), (2.75, -1.75, 0.7), "beige")
    room.box(
        "sign", "signpost", (0.3, 0.3, 1.8), (5.0, -3.4, 0), "wood", has_front=True, locked=True
    )
    room.lamp("sun", "sun", (0, 0, 10), 4.0, "SUN")


def classroom(room: Room) -> None:
    room.shell(8, 7, "nwe", 3.0, "beige")
    room.camera("cam_0", (0, -7.5, 2.4), (0, 0, 0.8))
    room.camera("teacher", (0, 3.2, 1.7), (0, -1, 0.8))
    number = 0
    for y in (-1.6, 0.0):
        for x in (-2.2, 0.0, 2.2):
            number += 1
            room.box(f"desk_{number}", "desk", (1.1, 0.6, 0.72), (x, y, 0), "wood", has_front=True,
                     blocks=table(1.1, 0.6, 0.72))  # fmt: skip
            room.box(f"chair_{number}", "chair", (0.42, 0.42, 0.8), (x, y - 0.6, 0),
                     "blue" if number != 5 else "yellow", yaw=180, has_front=True,
                     blocks=chair(0.42, 0.42, 0.8))  # fmt: skip
    room.box("teacher_desk", "teacher's desk", (1.6, 0.7, 0.76), (-1.8, 2.2, 0), "brown", has_front=True,
             blocks=table(1.6, 0.7, 0.76))  # fmt: skip
    room.box(
        "board", "blackboard", (3.0, 0.05, 1.2), (0.4, 3.474, 1.0), "dark green", has_front=True
    )
    room.box("globe", "globe", (0.3, 0.3, 0.45), (-2.3, 2.25, 0.76), "blue")
    room.box("apple", "apple", (0.08, 0.08, 0.08), (-1.5, 2.0, 0.76), "red")
    room.box(
        "chalk", "box of chalk", (0.12, 0.08, 0.04), (-1.2, 2.2, 0.76), "white", name="Chalk Box"
    )
    for key, x, y, color in (
        ("book_1", -2.4, -1.55, "red"),
        ("book_2", 0.2, 0.05, "green"),
        ("book_3", 2.2, 0.0, "red"),
    ):
        room.box(key, "book", (0.2, 0.26, 0.03), (x, y, 0.72), color)
    room.box("pencil", "pencil", (0.18, 0.01, 0.01), (-2.0, -1.7, 0.72), "yellow")
    room.box("satchel", "school bag", (0.4, 0.2, 0.4), (-2.85, -2.0, 0), "red")
    room.box("cupboard", "cupboard", (1.2, 0.5, 1.9), (3.3, 3.2, 0), "white", has_front=True)
    room.box(
        "skeleton", "skeleton", (0.4, 0.3, 1.7), (3.5, 1.6, 0), "white", yaw=-90, has_front=True
    )
    room.box("plant", "plant", (0.35, 0.35, 0.9), (-3.7, 3.1, 0), "green")
    room.box(
        "bin",
        "waste paper basket",
        (0.3, 0.3, 0.35),
        (-3.6, 2.0, 0),
        "grey",
        blocks=open_box(0.3, 0.3, 0.35),
    )
    room.box("paper", "paper ball", (0.08, 0.08, 0.08), (-3.6, 2.0, 0.02), "white")
    room.box("clock", "clock", (0.35, 0.05, 0.35), (-3.0, 3.474, 2.1), "black", has_front=True)
    room.box("projector", "projector", (0.35, 0.3, 0.12), (0, 0.5, 2.6), "white", has_front=True)
    room.box("heater", "radiator", (0.1, 1.2, 0.6), (-3.95, -0.5, 0.15), "white", locked=True)
    for number, x in ((1, -2.0), (2, 2.0)):
        room.lamp(f"light_{number}", "ceiling light", (x, 0, 2.9), 120.0)
