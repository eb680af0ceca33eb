import gc

# Screens are many small objects that know each other: to look for garbage after each 700 new
# ones took a sixth of these tests' time.
gc.set_threshold(50_000, 20, 20)
