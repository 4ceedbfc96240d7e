"""Which words people use for a thing: synonyms, wider words, and how well a typed noun fits a thing."""

from functools import lru_cache

# Each line: words for the same thing. A word may stand in several lines.
_SAME = """
sofa|couch|settee|loveseat|divan|chesterfield|davenport
armchair|easy chair|lounge chair|recliner|club chair|wing chair|wingchair
chair|seat|dining chair|kitchen chair|side chair
office chair|desk chair|swivel chair|task chair|computer chair|rolling chair
stool|footstool|bar stool|barstool|foot stool|counter stool
ottoman|pouf|pouffe|hassock|footstool|foot rest|footrest
rug|carpet|mat|floor mat|doormat|runner
tv|telly|television|tv set|television set|tele|flatscreen|flat screen|tv screen
tv stand|telly stand|tv unit|tv cabinet|tv bench|media unit|media console|tv console|lowboard
monitor|screen|display|computer screen|computer monitor
bin|trash can|trashcan|garbage can|garbage bin|rubbish bin|trash bin|waste bin|wastebasket
bin|waste basket|waste paper basket|dustbin|trash|litter bin|recycling bin|trash basket
fridge|refrigerator|icebox|fridge freezer|freezer|drinks fridge
stove|cooker|oven|range|hob|stovetop|cooktop
cupboard|kitchen cabinet|wall cabinet|wall cupboard|cabinet|wall unit
filing cabinet|file cabinet|cabinet|filing cupboard
counter|countertop|worktop|kitchen counter|work surface|worksurface|kitchen top|bench top|benchtop
bar counter|bar|counter
shelf|shelves|shelving|shelving unit|wall shelf|rack|ledge
bookcase|bookshelf|book shelf|bookshelves|shelf|shelves|book case
storage rack|rack|shelf|shelves|shelving|shelving unit|storage shelf
wardrobe|closet|armoire|clothes cupboard|clothes closet
dresser|chest of drawers|commode|bureau|drawers|drawer chest|sideboard|drawer unit
sideboard|credenza|buffet|console
nightstand|bedside table|night stand|night table|bedside cabinet|bedside cupboard|bedside stand
coffee table|cocktail table|sofa table|couch table|low table
side table|end table|occasional table|lamp table
dining table|dinner table|kitchen table|eating table|dinning table
meeting table|conference table
garden table|patio table|outdoor table|picnic table
desk|writing desk|work desk|office desk|writing table|computer desk|computer table
workbench|work bench|bench|work table|worktable
bench|park bench|garden bench|seat
floor lamp|standing lamp|standard lamp|arc lamp|floor light|uplighter|torchiere|standing light
table lamp|desk lamp|reading lamp|bedside lamp|reading light|bedside light|table light
desk lamp|table lamp|reading lamp|work light|desk light|task lamp|task light
work lamp|work light|site lamp|worklight|floodlight
lamp|light|bedside lamp|table lamp|night lamp|lampshade
ceiling light|ceiling lamp|overhead light|overhead lamp|main light|room light|top light|light|lamp|ceiling fixture
pendant light|pendant lamp|pendant|hanging lamp|hanging light|light|lamp|suspended light|suspended lamp|drop light
fluorescent light|fluorescent tube|fluorescent|neon tube|neon light|strip light|tube light|tube
fluorescent light|light|fluorescent lamp|neon
bulb|light bulb|lightbulb|lamp bulb|light
spotlight|spot|spot light|light
lantern|garden light|garden lamp|light|lamp
sun|sunlight|sunshine|sun light|daylight|sun lamp
plant|potted plant|pot plant|houseplant|house plant|pottedplant|flower|greenery|plant pot|indoor plant
potted tree|ficus|tree|plant|indoor tree|potted plant|small tree
tree|sapling
flower pot|flowerpot|pot|plant pot|planter|plantpot
pot|saucepan|sauce pan|cooking pot|cooker pot|pan|stockpot|casserole|stew pot
pan|frying pan|skillet
vase|flower vase|urn
mug|coffee mug|cup|coffee cup|teacup|tea cup|tea mug|beaker
cup|mug|coffee cup|teacup|tea cup|coffee mug
glass|drinking glass|tumbler|water glass|wine glass|drinking glas
bottle|wine bottle|water bottle|flask
perfume bottle|perfume|perfume flask|scent bottle|scent|fragrance|fragrance bottle|bottle
bowl|dish|basin
plate|dish|dinner plate
pitcher|jug|water jug|carafe
kettle|water kettle|electric kettle
teapot|tea pot
coffee maker|coffee machine|coffeemaker|espresso machine|espresso maker
espresso machine|coffee machine|coffee maker|espresso maker|coffeemaker|machine
coffee grinder|grinder|mill|coffee mill
cash register|register|till|cash desk|cashier|checkout
microwave|microwave oven
toaster|toasting machine
dishwasher|dish washer
washing machine|washer|laundry machine
knife block|knives|knife holder
sugar bowl|sugar|sugar pot|sugar dish|sugar jar|sugar tin
jar|canister|preserving jar
book|novel|tome|cookbook|paperback|hardback|textbook|hardcover
notebook|notepad|note book|pad|jotter
laptop|notebook computer|portable computer|computer|macbook
computer|pc|desktop|tower
phone|telephone|desk phone|landline|handset|smartphone|cell phone|mobile phone|mobile|cellphone
printer|copier
keyboard|computer keyboard
mouse|computer mouse
speaker|loudspeaker
pen|biro|ballpoint|ballpoint pen
binder|ring binder|folder|file|lever arch file
whiteboard|white board|board|dry erase board
blackboard|black board|chalkboard|board|chalk board
pegboard|peg board|tool board|tool wall|board
painting|picture|artwork|canvas|art|framed picture
poster|print|picture
picture|painting|photo|photograph|frame|picture frame
mirror|looking glass
window|window pane
curtain|drape|drapes|curtains
door|doorway
cushion|pillow|throw pillow|scatter cushion|sofa cushion|sofa pillow
pillow|cushion|head pillow|bed pillow
blanket|throw|bedspread|quilt|duvet|comforter|cover|bed cover|plaid
towel|bath towel|hand towel
teddy bear|teddy|stuffed bear|plush bear|toy bear|bear|stuffed animal|plush toy|plushie|stuffed toy
teddy bear|soft toy|cuddly toy
clock|wall clock
alarm clock|clock|alarm
jewelry box|jewellery box|jewel box|jewelry case|jewellery case|trinket box
laundry basket|hamper|laundry hamper|basket|washing basket|clothes basket|laundry bin
basket|wicker basket|hamper
slipper|house shoe|shoe
shoe|sneaker|trainer|boot
suitcase|trunk|luggage|travel case|travel bag|case|valise
bag|handbag|purse|backpack|rucksack
box|carton|cardboard box|package|parcel|case
crate|wooden box|wooden crate|chest|box
candle|tealight|candlestick
cat|kitty|kitten|pussycat|feline
dog|puppy|doggy|pooch
car|automobile|auto|vehicle|motorcar|motor car|motor
bicycle|bike|pushbike|push bike|cycle|pushbicycle|push-bike
motorcycle|motorbike|moped
lawn mower|lawnmower|mower|grass cutter|lawn-mower
wheelbarrow|barrow|wheel barrow
watering can|can|sprinkling can|sprinkler can
paint can|paint tin|can|tin|paint pot|paint bucket|tin of paint|can of paint|paint
bucket|pail
jerry can|jerrycan|gas can|petrol can|fuel can|canister|fuel canister|jerry-can|gasoline can|petrol canister
gas cylinder|gas bottle|gas tank|cylinder|propane tank|propane bottle|gas canister
toolbox|tool box|tool case|tool chest|toolcase|tool kit|toolkit
vise|vice|bench vise|bench vice
drill|power drill|drilling machine|cordless drill
hammer|mallet
saw|handsaw
helmet|bike helmet|hard hat|crash helmet
ladder|stepladder|step ladder|steps
tire|tyre|wheel
pet carrier|cat carrier|dog carrier|carrier|pet box|cat box|transport box
rope|cord|line
football|soccer ball|ball
beach ball|beachball|ball
ball|football|soccer ball|basketball|toy ball
grill|barbecue|bbq|barbeque|barbie|bar-b-q
bird bath|birdbath
fountain|water fountain|well
gnome|garden gnome|dwarf
hedge|bush|shrub|hedgerow
shed|garden shed|tool shed|hut|garden house
terrace|patio|deck|decking|terrace floor
lawn|grass|meadow|turf|floor|ground
floor|ground|flooring
wall|partition
ceiling|roof
umbrella stand|umbrella holder|brolly stand
coat rack|coat stand|coatrack|hat stand|coat hanger|hat rack|hatstand|clothes rack|coat tree
jacket|coat|anorak
water cooler|cooler|water dispenser|dispenser
jukebox|juke box|music box|music machine
menu|menu card|bill of fare
cake|gateau|birthday cake|pie|tart
croissant|pastry
garden chair|lawn chair|patio chair|outdoor chair|deck chair
sink|washbasin|basin|wash basin
bathtub|bath|tub
toilet|loo|wc|lavatory
piano|grand piano|upright piano
guitar|acoustic guitar
cushion|pad
bed|double bed|single bed|bedstead|bunk
crib|cot
fireplace|hearth
radiator|heater|heating
fan|ventilator|desk fan|ceiling fan
camera|photo camera
table|dining table|tabletop
surface|tabletop|table top|table|worktop|board|plank
chest|trunk|coffer
cabinet|cupboard|locker
apple|fruit
orange|fruit
banana|fruit
skateboard|board
globe|earth globe
statue|sculpture|figure|figurine|bust|statuette
cube|block|box
treadmill|running machine
dumbbell|weight|hand weight
"""

# wider word: what it may mean
_WIDER = """
machine: espresso machine|coffee machine|jukebox|washing machine|microwave|printer|coffee grinder
machine: toaster|lawn mower|drill|sewing machine|copier|dishwasher|vending machine|arcade machine
appliance: toaster|microwave|kettle|fridge|stove|dishwasher|coffee maker|washing machine|blender
appliance: espresso machine|coffee grinder
toy: teddy bear|ball|doll|toy car|robot|puzzle|train
animal: cat|dog|bird|rabbit|horse|fish
pet: cat|dog
fruit: apple|orange|banana|pear|lemon|melon|grape
furniture: chair|table|sofa|armchair|stool|desk|bookcase|bookshelf|wardrobe|dresser|nightstand|bed
furniture: bench|ottoman|cabinet|cupboard|shelf|coffee table|side table|couch|office chair
furniture: garden chair|dining table
seat: chair|stool|sofa|armchair|bench|ottoman|office chair|bar stool|garden chair|couch
tool: hammer|drill|saw|wrench|screwdriver|vise|pliers
container: basket|box|crate|bucket|bin|jar|laundry basket|toolbox|trash can
dish: plate|bowl|cup|mug|glass
crockery: plate|bowl|cup|mug|teapot
tableware: plate|bowl|cup|mug|glass|teapot|pitcher
drinkware: glass|cup|mug
vessel: vase|jar|pitcher|bottle|bowl|pot
vehicle: car|bicycle|motorcycle|truck|van|bus|scooter|lawn mower
gadget: laptop|phone|printer|monitor|drill
device: laptop|phone|printer|monitor|keyboard|microwave|toaster
electronics: laptop|phone|printer|monitor|keyboard|tv
pastry: croissant|cake|donut|muffin
picture: painting|poster|photo
tableware: cup|plate
bedding: pillow|blanket|quilt
cloth: towel|blanket|curtain|rug|tablecloth
clothing: jacket|shirt|coat|hat|slipper|shoe
footwear: slipper|shoe|boot
food: apple|cake|croissant|banana|bread|orange|pizza
luggage: suitcase|bag|backpack
light: lamp|lantern|bulb|ceiling lamp|ceiling light|pendant lamp|pendant light|fluorescent light|sun
light: spotlight|floor lamp|table lamp|desk lamp|work lamp
lamp: light|lantern|ceiling light|pendant light|floor lamp|table lamp|desk lamp|work lamp
"""

GENERAL = frozenset(
    {
        "thing",
        "object",
        "item",
        "stuff",
        "piece",
        "element",
        "entity",
        "one",
        "article",
        "model",
        "mesh",
        "thingy",
    }
    | {"thingie", "thingamajig"}
)
_IRREGULAR = {
    "shelves": "shelf", "knives": "knife", "leaves": "leaf", "mice": "mouse", "people": "person", "men": "man",
    "women": "woman", "children": "child", "feet": "foot", "geese": "goose", "teeth": "tooth", "dice": "die",
    "loaves": "loaf", "bookshelves": "bookshelf", "scarves": "scarf", "halves": "half", "cacti": "cactus",
    "tomatoes": "tomato", "potatoes": "potato", "heroes": "hero", "buses": "bus", "gases": "gas",
    "movies": "movie", "cookies": "cookie", "pies": "pie", "brownies": "brownie", "thingies": "thingy",
    "vases": "vase", "vises": "vise", "horses": "horse", "houses": "house", "cases": "case", "bookcases": "bookcase",
    "suitcases": "suitcase", "axes": "axe", "tyres": "tyre",
    "telephones": "telephone", "roses": "rose", "purses": "purse", "nurses": "nurse", "gooses": "goose",
}  # fmt: skip
_SINGULAR_S = frozenset(
    {
        "glass",
        "bus",
        "gas",
        "canvas",
        "ficus",
        "cactus",
        "mattress",
        "dress",
        "compass",
        "chess",
        "grass",
        "boss",
    }
    | {
        "news",
        "lens",
        "series",
        "always",
        "bonus",
        "virus",
        "focus",
        "hibiscus",
        "octopus",
        "campus",
        "circus",
        "us",
        "this",
        "its",
        "as",
        "is",
        "was",
        "has",
        "does",
        "plus",
        "minus",
        "yes",
    }
)


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """One of them: "shelves" → "shelf"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word in _SINGULAR_S or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def is_plural(word: str) -> bool:
    """Whether the word is a plural form."""
    return singular(word) != word


def singular_phrase(phrase: str) -> str:
    """The last word singular: "paint cans" → "paint can"."""
    head, _, last = phrase.rpartition(" ")
    return f"{head} {singular(last)}".strip()


def _groups() -> dict[str, frozenset[str]]:
    same: dict[str, set[str]] = {}
    for line in _SAME.strip().splitlines():
        first, *others = line.split("|")
        for (
            other
        ) in others:  # to and from the leading word only: "light" is no word for "lamp post"
            same.setdefault(other, set()).add(first)
            same.setdefault(first, set()).add(other)
    return {word: frozenset(others) for word, others in same.items()}


def _wider() -> dict[str, frozenset[str]]:
    wider: dict[str, set[str]] = {}
    for line in _WIDER.strip().splitlines():
        word, narrower = line.split(": ")
        wider.setdefault(word, set()).update(narrower.split("|"))
    return {word: frozenset(narrower) for word, narrower in wider.items()}


SAME = _groups()
WIDER = _wider()


def known_nouns() -> frozenset[str]:
    """All nouns of this module."""
    return (
        frozenset(SAME) | frozenset(WIDER) | frozenset(n for group in WIDER.values() for n in group)
    )


def plain_name(name: str) -> str:
    """A name or id as people would say it: "Chair.001" → "chair", "beach_ball" → "beach ball"."""
    words = name.lower().replace("_", " ").replace(".", " ").replace("-", " ").split()
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return " ".join(words)


@lru_cache(maxsize=65536)
def fit(noun: str, label: str, name: str = "", identifier: str = "") -> float:
    """How well a noun (lower case, singular) names a thing: 1 its label or name, down to 0 not at all.

    Take the things of the best fit that satisfy the rest of the expression; fall to the next best only where none does.
    """
    if noun in ("", name.lower(), identifier.lower()) or noun in GENERAL:
        return 1.0
    label = label.lower()
    if noun == label:
        return 1.0
    if noun in (plain_name(identifier), plain_name(name)):
        return 0.95
    if not label:
        return 0.0
    if label in SAME.get(noun, ()) or noun.replace(" ", "") == label.replace(" ", ""):
        return 0.9
    head = label.rpartition(" ")[2]
    if noun == head:
        return 0.8
    words = label.split()
    if len(words) > 1 and noun == " ".join(words[:-1]):
        return 0.7
    if label in WIDER.get(noun, ()) or head in WIDER.get(noun, ()):
        return 0.6
    if head in SAME.get(noun, ()) and " " not in noun:
        return 0.5
    last = noun.rpartition(" ")[2]
    if " " in noun and (last == label or (last == head and set(noun.split()) <= set(words))):
        return 0.4
    return 0.0
