"""Worked examples for a model: a few things, words, and what they mean. Each fits the schema; a test reads them."""

EXAMPLES: tuple[tuple[str, str, str], ...] = (
    (
        '{"id":"o1","is":"sofa","color":"grey","size":[2,0.9,0.8],"at":[0,2,0.4]}',
        "what would it cost to buy that sofa?",
        '{"refusal":"Prices are not known here."}',
    ),
    (
        '{"id":"o1","is":"vase","color":"white","size":[0.1,0.1,0.3],"at":[0,1,0.9]}\n'
        '{"id":"o2","is":"book","color":"green","size":[0.2,0.15,0.03],"at":[0.3,1,0.77]}',
        "give it the look of the other",
        '{"question":"Should the vase look like the book, or the book like the vase?"}',
    ),
    (
        '{"id":"o1","is":"chair","color":"red","size":[0.5,0.5,0.9],"at":[-1,0,0.45]}\n'
        '{"id":"o2","is":"chair","name":"Old Chair","color":"blue","size":[0.5,0.5,0.9],"at":[1,0,0.45]}',
        "could you scoot the red one about a foot in my direction?",
        '{"operations":[{"op":"move","targets":{"words":"the red one","noun":"chair","ids":["o1"]},'
        '"direction":"toward","distance":0.305}]}',
    ),
    (
        '{"id":"o1","is":"floor lamp","name":"Lamp","size":[0.3,0.3,1.5],"at":[1.2,0.4,0.75],"on":"o4"}\n'
        '{"id":"o2","is":"desk","size":[1.4,0.7,0.75],"at":[-0.5,1.1,0.38],"on":"o4"}\n'
        '{"id":"o3","is":"screen","size":[0.5,0.2,0.4],"at":[-0.5,1.2,0.95],"on":"o2"}\n'
        '{"id":"o4","is":"floor","kind":"floor","size":[5,4,0.1],"at":[0,0,-0.05]}',
        "Stell die Lampe links neben den Bildschirm und mach sie wärmer",
        '{"operations":[{"op":"place","targets":{"words":"die Lampe","noun":"lamp","ids":["o1"]},'
        '"relations":[{"kind":"left_of","to":[{"words":"den Bildschirm","noun":"screen","ids":["o3"]}]}]},'
        '{"op":"lamp","targets":{"words":"sie","pronoun":"it"},"temperature_k":2700}]}',
    ),
)
