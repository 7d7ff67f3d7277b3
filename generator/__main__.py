"""``python -m generator`` is the same as the installed ``mailzone``."""

from generator.cli import main

if __name__ == "__main__":
    main()
