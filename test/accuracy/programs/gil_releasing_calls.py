"""C calls that give the GIL up while they work."""

import hashlib
import os
import time
import zlib

from truth import Truth

truth = Truth(__file__)
block = os.urandom(1_000_000) * 24
small_block = os.urandom(50_000) * 20

while truth.is_before(3.5):
    began = truth.now()
    digest = hashlib.sha256(block).digest()  # truth: hashing computing
    truth.add("hashing", began)
    began = truth.now()
    packed = zlib.compress(small_block, 6)  # truth: packing computing
    truth.add("packing", began)
    began = truth.now()
    time.sleep(0.02)  # truth: sleeping waiting
    truth.add("sleeping", began)
truth.report()
