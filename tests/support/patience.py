"""How long a test waits for what must come: only one that fails waits that long.

Importing the server takes 5 s of a processor: more than a minute beside much other work, as was seen.
"""

PATIENCE_S = 240.0
