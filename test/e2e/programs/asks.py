"""Needs standard input, shows its own arguments and ends with a code of its own."""

import sys
import time

name = input("name? ")
time.sleep(0.3)
print(f"hello {name}, main is {__name__}, {len(sys.argv) - 1} arguments")
sys.exit(3)
