"""Rooms where people come and go: restaurant, museum, gym, airport lounge, bakery; and a shed."""

from furniture import Room, chair, open_box, shelf, sofa, table


def restaurant(room: Room) -> None:
    room.shell(8, 6, "nwe", 2.8)
    room.camera("cam_0", (0, -6.5, 2), (0, 1, 0.7))
    board = table(0.9, 0.9, 0.75)
    room.box("table_1", "dining table", (0.9, 0.9, 0.75), (-2.5, 1, 0), "wood", blocks=board)
    room.box("table_2", "dining table", (0.9, 0.9, 0.75), (0, 1, 0), "wood", blocks=board)
    long = table(1.6, 0.9, 0.75)
    room.box("table_3", "dining table", (1.6, 0.9, 0.75), (2.4, 1, 0), "white", blocks=long)
    seats = (
        ("black", -2.5, 0.25), ("black", -2.5, 1.75), ("red", 0, 0.25),
        ("black", 0, 1.75), ("black", 2, 0.25), ("red", 2.8, 0.25),
    )  # fmt: skip
    for n, (color, x, y) in enumerate(seats, 1):
        room.box(
            f"chair_{n}", "chair", (0.42, 0.42, 0.85), (x, y, 0), color,
            yaw=180 if y < 1 else 0, has_front=True, blocks=chair(0.42, 0.42, 0.85),
        )  # fmt: skip
    room.box("glass_1", "wine glass", (0.08, 0.08, 0.2), (-2.65, 1.1, 0.75), "light blue")
    room.box("glass_2", "wine glass", (0.08, 0.08, 0.2), (-2.3, 0.85, 0.75), "light blue")
    room.box("bottle", "wine bottle", (0.08, 0.08, 0.32), (0.1, 1.1, 0.75), "dark green")
    room.box("candle_1", "candle", (0.06, 0.06, 0.15), (-0.2, 0.85, 0.75), "white", loose=0.02)
    room.box("candle_2", "candle", (0.06, 0.06, 0.15), (2.4, 1.05, 0.75), "red", loose=0.02)
    room.box("plate_1", "plate", (0.24, 0.24, 0.02), (2, 0.8, 0.75), "white")
    room.box("plate_2", "plate", (0.24, 0.24, 0.02), (2.8, 0.8, 0.75), "white")
    room.box("fork", "fork", (0.03, 0.2, 0.01), (1.78, 0.8, 0.75), "silver")
    room.box("salt", "salt shaker", (0.05, 0.05, 0.1), (2.55, 1.25, 0.75), "white")
    room.box("pepper", "pepper mill", (0.06, 0.06, 0.2), (2.7, 1.25, 0.75), "brown")
    room.box("bar", "bar counter", (2.4, 0.6, 1.1), (-2.5, 2.6, 0), "brown", has_front=True)
    room.box(
        "espresso", "espresso machine", (0.5, 0.4, 0.45), (-3.2, 2.6, 1.1), "silver", has_front=True
    )
    room.box("tap", "beer tap", (0.15, 0.15, 0.5), (-2.4, 2.6, 1.1), "gold", loose=0.03)
    room.box("jar", "tip jar", (0.12, 0.12, 0.18), (-1.6, 2.6, 1.1), "turquoise")
    room.box("piano", "upright piano", (1.4, 0.6, 1.2), (2.6, 2.6, 0), "black", has_front=True)
    room.box("vase", "vase", (0.14, 0.14, 0.3), (2.3, 2.6, 1.2), "purple", loose=0.03)
    room.box("plant_1", "potted plant", (0.4, 0.4, 1.4), (-3.6, -2.5, 0), "green")
    room.box("plant_2", "potted plant", (0.4, 0.4, 1.0), (3.6, -2.5, 0), "green")
    room.box("coats", "coat rack", (0.4, 0.4, 1.8), (3.6, 1.9, 0), "black")
    room.box("stand", "host stand", (0.5, 0.4, 1.1), (-1.4, -1.8, 0), "wood", has_front=True)
    room.box("menu", "menu", (0.2, 0.28, 0.01), (-1.4, -1.8, 1.1), "dark red")
    room.box(
        "trolley", "dessert trolley", (0.9, 0.5, 0.8), (1.5, -1.5, 0), "silver",
        blocks=shelf(0.9, 0.5, 0.8, 0.25),
    )  # fmt: skip
    room.box("cake_1", "chocolate cake", (0.3, 0.3, 0.12), (1.27, -1.5, 0.8), "brown")
    room.box("cake_2", "cheesecake", (0.3, 0.3, 0.1), (1.7, -1.5, 0.8), "yellow")
    room.box("fruit", "fruit bowl", (0.25, 0.25, 0.12), (1.3, -1.5, 0.25), "orange")
    room.box(
        "high_chair", "high chair", (0.45, 0.45, 0.95), (-2.6, -1, 0), "yellow",
        has_front=True, blocks=chair(0.45, 0.45, 0.95),
    )  # fmt: skip
    room.box("carpet", "carpet", (1.6, 1.2, 0.01), (0, -0.8, 0), "dark red")
    room.box("painting_1", "painting", (0.8, 0.04, 0.6), (-0.3, 2.98, 1.5), "blue", has_front=True)
    room.box("painting_2", "painting", (0.5, 0.04, 0.7), (0.8, 2.98, 1.5), "orange", has_front=True)
    for n, x in enumerate((-2.5, 0, 2.4), 1):
        room.lamp(f"lamp_{n}", "pendant light", (x, 1, 2.1), 60.0)
    room.box(
        "extinguisher", "fire extinguisher", (0.15, 0.15, 0.5), (-3.85, 0, 0), "red", locked=True
    )


def museum(room: Room) -> None:
    room.shell(10, 8, "nwe", 4)
    room.camera("cam_0", (0, -7.5, 2.2), (0, 1, 1))
    room.camera("cam_balcony", (4.5, -3.5, 3.8), (-1, 1, 0.5))
    for n, (x, height) in enumerate(((-3, 1.0), (-1, 0.8), (1, 1.2)), 1):
        room.box(f"pedestal_{n}", "pedestal", (0.6, 0.6, height), (x, 1.5, 0), "white")
    room.box("bust", "bust", (0.3, 0.3, 0.5), (-3, 1.5, 1.0), "white", has_front=True)
    room.box("amphora", "amphora", (0.3, 0.3, 0.6), (-1, 1.5, 0.8), "orange")
    room.box("skull", "skull", (0.2, 0.25, 0.22), (1, 1.5, 1.2), "beige", has_front=True)
    room.box("case", "display case", (1.6, 0.7, 0.9), (3.2, 1.5, 0), "wood", has_front=True)
    room.box("coin_1", "coin", (0.06, 0.06, 0.01), (2.7, 1.5, 0.9), "gold")
    room.box("coin_2", "coin", (0.05, 0.05, 0.01), (2.9, 1.5, 0.9), "silver")
    room.box("coin_3", "coin", (0.09, 0.09, 0.01), (3.15, 1.5, 0.9), "gold")
    room.box("dagger", "dagger", (0.3, 0.05, 0.03), (3.6, 1.5, 0.9), "silver", loose=0.05)
    room.box("dino", "dinosaur skeleton", (2.5, 1.0, 2.2), (-2.6, -1.5, 0), "beige", has_front=True)
    for n, (x, y) in enumerate(((-3.8, -0.4), (-2.6, -0.4), (-1.4, -0.3)), 1):
        room.box(f"post_{n}", "barrier post", (0.15, 0.15, 1.0), (x, y, 0), "gold")
    seat = table(1.2, 0.4, 0.45)
    room.box("bench_1", "bench", (1.2, 0.4, 0.45), (0.5, -1.6, 0), "brown", blocks=seat)
    room.box("bench_2", "bench", (1.2, 0.4, 0.45), (2.6, -1.6, 0), "black", blocks=seat)
    room.box("audio", "audio guide", (0.08, 0.05, 0.2), (0.4, -1.6, 0.45), "black")
    room.box("backpack", "backpack", (0.3, 0.2, 0.4), (2.8, -1.6, 0.45), "blue")
    room.box(
        "chair", "folding chair", (0.4, 0.4, 0.8), (4.5, -2.5, 0), "grey",
        yaw=-90, has_front=True, blocks=chair(0.4, 0.4, 0.8),
    )  # fmt: skip
    room.box(
        "picture_1", "painting", (1.2, 0.04, 0.9), (-3, 3.98, 1.6), "navy",
        name="Starry Harbour", has_front=True,
    )  # fmt: skip
    room.box("picture_2", "painting", (0.8, 0.04, 1.1), (-1, 3.98, 1.6), "red", has_front=True)
    room.box("picture_3", "painting", (1.0, 0.04, 0.7), (1, 3.98, 1.6), "green", has_front=True)
    room.box("shield", "shield", (0.6, 0.04, 0.6), (-4.98, 1, 1.8), "gold", yaw=90, has_front=True)
    room.box("sign", "info board", (0.5, 0.1, 1.3), (-2, 0.6, 0), "white", has_front=True)
    room.box(
        "statue", "statue", (0.7, 0.7, 2.1), (3.9, -0.1, 0), "dark grey", has_front=True,
        locked=True,
    )  # fmt: skip
    room.box("globe", "globe", (0.6, 0.6, 0.9), (-4.3, 3.2, 0), "blue")
    room.box("carpet", "carpet", (2, 1, 0.01), (1.6, 0.2, 0), "red")
    room.box("bin", "waste bin", (0.3, 0.3, 0.6), (4.6, 3.5, 0), "silver")
    room.box("coffin", "sarcophagus", (0.8, 1.8, 0.7), (0, -3, 0), "gold")
    for n, x in enumerate((-3, -1, 1), 1):
        room.lamp(f"spot_{n}", "spotlight", (x, 0.5, 3.8), 100.0, "SPOT")


def gym(room: Room) -> None:
    room.shell(7, 6, "nwe", 3)
    room.camera("cam_0", (0, -6.2, 1.9), (0, 0.5, 0.7))
    for n, (x, color) in enumerate(((-2.6, "black"), (-1.4, "black"), (-0.2, "grey")), 1):
        room.box(f"mill_{n}", "treadmill", (0.8, 1.8, 1.3), (x, 1.6, 0), color, has_front=True)
    room.box("bike", "exercise bike", (0.5, 1.1, 1.2), (1, 1.6, 0), "red", has_front=True)
    room.box(
        "bench", "weight bench", (0.4, 1.2, 0.45), (1.2, -0.8, 0), "black",
        blocks=table(0.4, 1.2, 0.45),
    )  # fmt: skip
    room.box("bottle", "water bottle", (0.08, 0.08, 0.25), (1.2, -0.6, 0.45), "light blue")
    room.box("towel", "towel", (0.3, 0.2, 0.05), (1.2, -1.2, 0.45), "white", loose=0.03)
    room.box(
        "rack", "dumbbell rack", (1.6, 0.4, 0.8), (2.4, 2.7, 0), "dark grey",
        blocks=shelf(1.6, 0.4, 0.8, 0.3),
    )  # fmt: skip
    room.box("weight_1", "dumbbell", (0.3, 0.12, 0.12), (1.85, 2.7, 0.8), "red")
    room.box("weight_2", "dumbbell", (0.34, 0.14, 0.14), (2.4, 2.7, 0.8), "blue")
    room.box("weight_3", "dumbbell", (0.4, 0.16, 0.16), (2.9, 2.7, 0.8), "black")
    room.box("weight_4", "dumbbell", (0.28, 0.11, 0.11), (2.2, 2.7, 0.3), "yellow")
    room.box("bell_1", "kettlebell", (0.2, 0.2, 0.28), (2.9, -0.3, 0), "green", loose=0.04)
    room.box("bell_2", "kettlebell", (0.24, 0.24, 0.32), (2.9, 0.3, 0), "orange")
    room.box("bell_3", "kettlebell", (0.16, 0.16, 0.22), (2.9, 0.85, 0), "purple", loose=0.04)
    room.box("mat_1", "yoga mat", (0.6, 1.7, 0.01), (-2.6, -1.5, 0), "purple")
    room.box("mat_2", "yoga mat", (0.6, 1.7, 0.01), (-1.8, -1.5, 0), "turquoise")
    room.box("ball_1", "exercise ball", (0.65, 0.65, 0.65), (-0.6, -2.3, 0), "blue")
    room.box("ball_2", "medicine ball", (0.3, 0.3, 0.3), (-0.4, -1.2, 0), "brown", loose=0.05)
    room.box("mirror", "mirror", (2.5, 0.04, 1.8), (-1.6, 2.98, 0.5), "silver", has_front=True)
    room.box("tv", "television", (1.0, 0.06, 0.6), (1, 2.97, 1.8), "black", has_front=True)
    room.box("clock", "wall clock", (0.3, 0.04, 0.3), (2.6, 2.98, 1.9), "white", has_front=True)
    for n, (y, color) in enumerate(((-1.5, "blue"), (-1.95, "blue"), (-2.4, "red")), 1):
        room.box(
            f"locker_{n}", "locker", (0.4, 0.5, 1.8), (3.24, y, 0), color, yaw=-90, has_front=True
        )
    room.box("bag", "gym bag", (0.5, 0.25, 0.25), (2.4, -2.5, 0), "dark grey")
    room.box("fan", "fan", (0.4, 0.4, 1.2), (-3.25, 2.7, 0), "white", has_front=True)
    for n, (x, height) in enumerate(((0.4, 0.3), (1.0, 0.45), (1.6, 0.6)), 1):
        room.box(f"step_{n}", "jump box", (0.5, 0.5, height), (x, -2.5, 0), "wood")
    room.box("speaker", "speaker", (0.25, 0.25, 0.4), (-3.3, 0.2, 0), "black", has_front=True)
    room.lamp("light_1", "ceiling light", (-1.5, 0, 2.9), 90.0)
    room.lamp("light_2", "ceiling light", (1.5, 0, 2.9), 90.0)


def lounge(room: Room) -> None:
    """Seen from the east: the viewer's right is +Y, what is far is at -X."""
    room.shell(9, 7, "wns", 2.8)
    room.camera("cam_0", (7, 0, 2), (-1, 0, 0.7))
    for n, (y, color) in enumerate(((-1.5, "grey"), (1.5, "blue")), 1):
        room.box(
            f"sofa_{n}", "sofa", (2, 0.9, 0.85), (-3.4, y, 0), color,
            yaw=90, has_front=True, blocks=sofa(2, 0.9, 0.85),
        )  # fmt: skip
    for n, (y, color) in enumerate(((-1.6, "orange"), (1.6, "green")), 1):
        room.box(
            f"armchair_{n}", "armchair", (0.8, 0.8, 0.9), (-0.8, y, 0), color,
            yaw=-90, has_front=True, blocks=sofa(0.8, 0.8, 0.9),
        )  # fmt: skip
    low = table(0.6, 1, 0.4)
    room.box("table_1", "coffee table", (0.6, 1, 0.4), (-2.1, -1.5, 0), "wood", blocks=low)
    room.box("table_2", "coffee table", (0.6, 1, 0.4), (-2.1, 1.5, 0), "black", blocks=low)
    room.box("magazine_1", "magazine", (0.2, 0.28, 0.01), (-2.1, -1.75, 0.4), "red")
    room.box("magazine_2", "magazine", (0.2, 0.28, 0.01), (-2.1, -1.2, 0.4), "blue")
    room.box("cup", "coffee cup", (0.08, 0.08, 0.1), (-2.1, 1.25, 0.4), "white", loose=0.03)
    room.box("laptop", "laptop", (0.35, 0.25, 0.02), (-2.1, 1.65, 0.4), "silver", yaw=90,
             has_front=True)  # fmt: skip
    room.box("end_table", "side table", (0.5, 0.5, 0.55), (-3.4, 0, 0), "wood",
             blocks=table(0.5, 0.5, 0.55))  # fmt: skip
    room.box("plane", "model airplane", (0.4, 0.4, 0.2), (-3.4, 0, 0.55), "white", has_front=True)
    room.box("case_1", "suitcase", (0.45, 0.3, 0.7), (0.3, -0.3, 0), "red")
    room.box("case_2", "suitcase", (0.5, 0.3, 0.75), (0.3, 0.4, 0), "black")
    room.box("case_3", "suitcase", (0.35, 0.22, 0.5), (-0.4, 0.05, 0), "blue", loose=0.05)
    room.box("cart", "luggage cart", (0.6, 1, 0.25), (1.6, -1.5, 0), "silver")
    room.box("backpack", "backpack", (0.3, 0.2, 0.45), (1.6, -1.75, 0.25), "green")
    room.box("carton", "cardboard box", (0.4, 0.4, 0.3), (1.6, -1.25, 0.25), "brown")
    room.box("desk", "check-in desk", (2, 0.7, 1.1), (1, 3, 0), "white", has_front=True)
    room.box("computer", "computer", (0.4, 0.2, 0.4), (0.6, 3, 1.1), "black", has_front=True)
    room.box("phone", "telephone", (0.2, 0.2, 0.1), (1.2, 3, 1.1), "grey")
    room.box("passport", "passport", (0.1, 0.13, 0.01), (1.6, 2.9, 1.1), "dark red")
    room.box("vending", "vending machine", (0.9, 0.8, 1.9), (-1.5, -3, 0), "red", yaw=180,
             has_front=True)  # fmt: skip
    room.box("kiosk", "ticket machine", (0.5, 0.4, 1.5), (0.2, -3.1, 0), "blue", yaw=180,
             has_front=True)  # fmt: skip
    for n, (x, color) in enumerate(((1, "green"), (1.5, "yellow"), (2, "blue")), 1):
        room.box(f"bin_{n}", "recycling bin", (0.35, 0.35, 0.8), (x, -3.2, 0), color)
    room.box("board", "departure board", (1.6, 0.06, 0.9), (-4.47, 0, 1.7), "black", yaw=90,
             has_front=True)  # fmt: skip
    room.box("clock", "clock", (0.35, 0.04, 0.35), (-4.48, 1.6, 2), "white", yaw=90, has_front=True)
    room.box("lamp", "floor lamp", (0.35, 0.35, 1.6), (-4.1, 3, 0), "gold")
    room.lamp("lamp_bulb", "bulb", (-4.1, 3, 1.5), 40.0, parent="lamp")
    room.box("palm", "palm", (0.6, 0.6, 1.8), (-4, -3, 0), "green")
    for n, (x, y) in enumerate(((0.4, 1.9), (1.1, 2), (1.9, 1.9)), 1):
        room.box(f"post_{n}", "stanchion", (0.2, 0.2, 0.95), (x, y, 0), "silver")
    room.lamp("light_1", "ceiling light", (-2, 0, 2.6), 80.0)
    room.lamp("light_2", "ceiling light", (1, 0, 2.6), 80.0)
    room.box("exit", "exit sign", (0.4, 0.05, 0.2), (-2.5, 3.47, 2.1), "green", locked=True)


def bakery(room: Room) -> None:
    """Without a view: the viewer stands at -Y."""
    room.shell(6, 5, "nwe", 2.8)
    room.box("counter", "counter", (2.6, 0.7, 1.0), (-0.8, 0.4, 0), "wood", has_front=True)
    room.box("till", "cash register", (0.35, 0.35, 0.3), (-1.8, 0.4, 1.0), "black", has_front=True)
    room.box("cake", "birthday cake", (0.35, 0.35, 0.2), (-1.2, 0.4, 1.0), "pink")
    room.box("tray_1", "tray", (0.4, 0.3, 0.02), (-0.6, 0.4, 1.0), "silver")
    room.box("muffin_1", "muffin", (0.08, 0.08, 0.08), (-0.7, 0.35, 1.02), "brown")
    room.box("muffin_2", "muffin", (0.08, 0.08, 0.08), (-0.55, 0.42, 1.02), "brown")
    room.box("muffin_3", "muffin", (0.08, 0.08, 0.08), (-0.48, 0.33, 1.02), "yellow")
    room.box("basket", "bread basket", (0.5, 0.35, 0.2), (0.1, 0.45, 1.0), "beige",
             blocks=open_box(0.5, 0.35, 0.2))  # fmt: skip
    room.box("loaf_1", "loaf", (0.12, 0.24, 0.1), (0.02, 0.45, 1.02), "brown")
    room.box("loaf_2", "loaf", (0.12, 0.24, 0.1), (0.2, 0.45, 1.02), "wood")
    room.box("oven", "oven", (1.2, 0.8, 1.7), (-2.2, 2.05, 0), "silver", has_front=True)
    room.box("mixer", "mixer", (0.3, 0.4, 0.5), (0.2, 2.1, 0.9), "red", has_front=True)
    room.box("bench", "work table", (1.8, 0.7, 0.9), (0, 2.1, 0), "white",
             blocks=table(1.8, 0.7, 0.9))  # fmt: skip
    room.box("pin", "rolling pin", (0.4, 0.06, 0.06), (-0.5, 2, 0.9), "wood")
    room.box("scales", "kitchen scales", (0.25, 0.2, 0.1), (0.65, 2.05, 0.9), "white")
    for n, (x, y, color) in enumerate(
        ((1.9, 2.1, "white"), (2.4, 2.15, "white"), (2.5, 1.5, "beige")), 1
    ):
        room.box(f"sack_{n}", "flour sack", (0.4, 0.3, 0.6), (x, y, 0), color)
    room.box("rack", "bread rack", (1.0, 0.4, 1.6), (2.4, 0.2, 0), "black",
             yaw=-90, has_front=True, blocks=shelf(1.0, 0.4, 1.6, 0.4, 0.9))  # fmt: skip
    room.box("bun_1", "bun", (0.1, 0.1, 0.06), (2.4, 0.4, 0.4), "orange")
    room.box("bun_2", "bun", (0.1, 0.1, 0.06), (2.4, 0.1, 0.4), "orange")
    room.box("pretzel", "pretzel", (0.16, 0.14, 0.03), (2.4, 0.2, 0.9), "brown")
    room.box("jar", "honey jar", (0.09, 0.09, 0.12), (2.4, -0.1, 1.6), "gold")
    room.box("round_1", "bistro table", (0.6, 0.6, 0.75), (-1.8, -1.3, 0), "green",
             blocks=table(0.6, 0.6, 0.75))  # fmt: skip
    room.box("round_2", "bistro table", (0.6, 0.6, 0.75), (0.4, -1.4, 0), "green",
             blocks=table(0.6, 0.6, 0.75))  # fmt: skip
    seats = ((-1.8, -1.85, 180, "red"), (-1.1, -1.3, 90, "red"), (0.4, -1.95, 180, "blue"))
    for n, (x, y, yaw, color) in enumerate(seats, 1):
        room.box(f"chair_{n}", "chair", (0.4, 0.4, 0.8), (x, y, 0), color, yaw=yaw,
                 has_front=True, blocks=chair(0.4, 0.4, 0.8))  # fmt: skip
    room.box("cup_1", "coffee cup", (0.08, 0.08, 0.09), (-1.8, -1.2, 0.75), "white")
    room.box("cup_2", "coffee cup", (0.08, 0.08, 0.09), (0.4, -1.3, 0.75), "blue")
    room.box("sign", "chalkboard", (0.6, 0.08, 1.1), (1.7, -1.8, 0), "black", has_front=True)
    room.box("plant", "fern", (0.35, 0.35, 0.8), (-2.7, -2.2, 0), "green")
    room.box("clock", "clock", (0.3, 0.04, 0.3), (0, 2.48, 2), "white", has_front=True)
    room.box("fuse", "fuse box", (0.04, 0.3, 0.4), (-2.98, 0.5, 1.4), "grey", locked=True)
    room.lamp("lamp_1", "hanging lamp", (-1.5, 0.4, 2.2), 60.0)
    room.lamp("lamp_2", "hanging lamp", (0, 0.4, 2.2), 60.0)
    room.lamp("lamp_3", "ceiling light", (0, -1.5, 2.7), 100.0)


def shed(room: Room) -> None:
    """Lengths of unknown scale; seen from above at a corner."""
    room.shell(5, 4, "nw", 2.4, "brown")
    room.camera("cam_0", (0.5, -5, 2.2), (0, 0.5, 0.5))
    room.camera("cam_door", (3, -3, 1.6), (0, 0, 0.6))
    room.box("mower", "lawn mower", (0.6, 0.9, 0.9), (-1.6, -0.9, 0), "red", has_front=True)
    room.box("barrow", "wheelbarrow", (0.7, 1.3, 0.65), (1.7, 0.9, 0), "dark green", has_front=True)
    room.box("bench", "workbench", (1.8, 0.6, 0.9), (-0.9, 1.65, 0), "wood",
             blocks=table(1.8, 0.6, 0.9))  # fmt: skip
    room.box("vice", "vice", (0.2, 0.2, 0.2), (-1.6, 1.6, 0.9), "dark grey")
    room.box("saw", "saw", (0.5, 0.05, 0.15), (-1.1, 1.7, 0.9), "orange")
    room.box("drill", "cordless drill", (0.2, 0.08, 0.2), (-0.5, 1.6, 0.9), "yellow")
    room.box("can", "watering can", (0.3, 0.2, 0.3), (0.5, -1.3, 0), "blue")
    for n, (x, size, color) in enumerate(
        ((-0.6, 0.2, "orange"), (-0.2, 0.3, "orange"), (0.25, 0.4, "brown")), 1
    ):
        room.box(f"pot_{n}", "flower pot", (size, size, size), (x, -0.4, 0), color,
                 blocks=open_box(size, size, size))  # fmt: skip
    room.box("shelf", "shelf", (1.2, 0.4, 1.5), (1.5, 1.78, 0), "wood",
             blocks=shelf(1.2, 0.4, 1.5, 0.3, 0.9))  # fmt: skip
    room.box("paint_1", "paint can", (0.18, 0.18, 0.22), (1.2, 1.75, 0.9), "white")
    room.box("paint_2", "paint can", (0.18, 0.18, 0.22), (1.5, 1.75, 0.9), "red")
    room.box("paint_3", "paint can", (0.18, 0.18, 0.22), (1.8, 1.75, 0.9), "blue")
    room.box("seeds", "seed box", (0.3, 0.2, 0.12), (1.3, 1.75, 0.3), "beige")
    room.box("gloves", "gloves", (0.2, 0.14, 0.05), (1.8, 1.7, 0.3), "green")
    room.box("rake", "rake", (0.4, 0.08, 1.6), (-2.2, 0.2, 0), "red")
    room.box("spade", "spade", (0.2, 0.08, 1.1), (-2.2, 0.6, 0), "black")
    room.box("bucket", "bucket", (0.3, 0.3, 0.3), (0.5, 0.6, 0), "grey",
             blocks=open_box(0.3, 0.3, 0.3))  # fmt: skip
    room.box("ball", "football", (0.22, 0.22, 0.22), (1.9, -1.2, 0), "white")
    room.box("crate_1", "wooden crate", (0.5, 0.4, 0.3), (0.9, -0.4, 0), "wood",
             blocks=open_box(0.5, 0.4, 0.3))  # fmt: skip
    room.box("crate_2", "wooden crate", (0.5, 0.4, 0.3), (1.8, -0.4, 0), "wood",
             blocks=open_box(0.5, 0.4, 0.3))  # fmt: skip
    room.box("gnome", "garden gnome", (0.2, 0.2, 0.4), (-0.3, 0.6, 0), "purple", has_front=True)
    room.box("gas", "gas bottle", (0.3, 0.3, 0.6), (-2.2, 1.6, 0), "red", locked=True)
    room.lamp("bulb", "light bulb", (0, 0, 2.2), 60.0)
    room.lamp("torch", "spot light", (-0.9, 1.4, 2.0), 40.0, "SPOT")
