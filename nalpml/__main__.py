"""`python -m nalpml`: the command line, for where the `nalpml` script is not on the path."""

from nalpml.cli import main

if __name__ == "__main__":
    main()
