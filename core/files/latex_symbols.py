"""The commands of LaTeX that stand for a symbol, and the MathML element of each."""

from html import escape

_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ",
    "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ",
    "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "hbar": "ℏ",
    "infty": "∞", "partial": "∂", "nabla": "∇", "emptyset": "∅", "Re": "ℜ", "Im": "ℑ",
}  # fmt: skip
OPERATORS = {
    "cdot": "⋅", "times": "×", "div": "÷", "pm": "±", "mp": "∓", "ast": "∗", "circ": "∘", "oplus": "⊕",
    "otimes": "⊗", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈",
    "equiv": "≡", "sim": "∼", "simeq": "≃", "propto": "∝", "ll": "≪", "gg": "≫", "in": "∈", "notin": "∉",
    "ni": "∋", "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "cup": "∪", "cap": "∩", "setminus": "∖",
    "forall": "∀", "exists": "∃", "neg": "¬", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨", "mid": "∣",
    "parallel": "∥", "perp": "⟂", "to": "→", "rightarrow": "→", "leftarrow": "←", "leftrightarrow": "↔",
    "Rightarrow": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "implies": "⟹", "iff": "⟺", "mapsto": "↦",
    "ldots": "…", "dots": "…", "cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "langle": "⟨", "rangle": "⟩",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lvert": "|", "rvert": "|", "Vert": "‖",
    "int": "∫", "iint": "∬", "oint": "∮", "prime": "′", "colon": ":", "{": "{", "}": "}", "|": "‖",
    "%": "%", "$": "$", "#": "#", "&": "&", "_": "_",
}  # fmt: skip
# Their limits are below and above them.
LARGE = {
    "sum": "∑", "prod": "∏", "bigcup": "⋃", "bigcap": "⋂", "lim": "lim", "max": "max", "min": "min",
    "sup": "sup", "inf": "inf", "argmax": "argmax", "argmin": "argmin",
}  # fmt: skip
_FUNCTIONS = (
    "arg",
    "cos",
    "cosh",
    "det",
    "dim",
    "exp",
    "gcd",
    "ker",
    "ln",
    "log",
    "Pr",
    "sin",
    "sinh",
    "tan",
    "tanh",
)
_SPACES = {",": 0.17, ":": 0.22, ";": 0.28, " ": 0.28, "quad": 1, "qquad": 2, "!": -0.17}  # in em
ACCENTS = {
    "hat": "^", "widehat": "^", "bar": "¯", "overline": "¯", "vec": "→", "tilde": "~", "dot": "˙",
    "ddot": "¨",
}  # fmt: skip

SYMBOLS = {
    **{name: f"<mi>{symbol}</mi>" for name, symbol in _LETTERS.items()},
    **{name: f"<mo>{escape(symbol)}</mo>" for name, symbol in OPERATORS.items()},
    **{name: f'<mo movablelimits="true">{symbol}</mo>' for name, symbol in LARGE.items()},
    **{name: f'<mrow><mi>{name}</mi><mspace width="0.17em"></mspace></mrow>' for name in _FUNCTIONS},
    **{name: f'<mspace width="{width}em"></mspace>' for name, width in _SPACES.items()},
}

# The letters A and a of alphabets in Unicode, and those that it has elsewhere.
_ALPHABETS = {"mathbb": 0x1D538, "mathbf": 0x1D400, "mathcal": 0x1D49C, "mathfrak": 0x1D504}
_ELSEWHERE = {
    "mathbb": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "mathcal": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "mathfrak": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
}
ALPHABETS = tuple(_ALPHABETS)


def styled_letter(alphabet: str, letter: str) -> str:
    """Return a letter from A to Z, or a to z, of *alphabet*."""
    first = "A" if letter.isupper() else "a"
    code_point = _ALPHABETS[alphabet] + ord(letter) - ord(first) + (0 if first == "A" else 26)
    return _ELSEWHERE.get(alphabet, {}).get(letter) or chr(code_point)
