"""How each CNI wires pods by kernel means, as data: a module each."""
