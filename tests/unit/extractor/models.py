"""The code of Pydantic models, whose schemas the real Pydantic generates as well."""

from textwrap import indent

HEADER = """
from __future__ import annotations
from datetime import date, datetime, time, timedelta
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Dict, List, Literal, Optional, Union
from uuid import UUID
import pydantic
from pydantic import BaseModel, ConfigDict, Field
"""
NESTED = """
class Mood(StrEnum):
    \"\"\"How it feels.\"\"\"

    good = "good"
    bad = "bad"

class Item(BaseModel):
    \"\"\"An item.\"\"\"

    name: str
    price: float | None = Field(ge=0, description="Price")
    tags: list[Annotated[str, Field(pattern="^a")]] = Field(min_length=1, max_length=3)
    mood: Mood
    other_mood: Mood | None
    described_mood: Mood = Field(description="x")
    kind: Literal["a"]
    level: Literal["a", "b"] | None = None

class M(BaseModel):
    items: list[Item]
    first: Item = Field(description="The first one")
    second: Annotated[Item, Field(description="The second one")]
    count: Optional[int] = Field(None, ge=1)
"""
BODIES = """
a: str
b_c: int
D: float
e1: bool

a: date
b: datetime
c: time
d: timedelta
e: UUID

"Two\\n    lines."
a: Optional[str]
b: Union[int, str, None]
c: "int | None"

a: List[int]
b: Dict[str, float]
c: dict[str, Any]
d: list
e: Any

a: Literal["x", "y"]
b: Literal[1, 2]
c: Literal["x", 1]
d: Literal[True]

a: str = "x"
b: int = Field(7, gt=0, lt=9)
c: list[int] = Field(default_factory=list)

a: str = Field(min_length=1, max_length=5, pattern="^x")
b: float = Field(multiple_of=0.5, le=3)

model_config = ConfigDict(extra="forbid", title="Other")
a: str = Field(..., alias="a-b", title="A")

a: str = Field(json_schema_extra={"format": "email"})
b: list[str] | None = Field(max_length=3)
c: str | None = Field(json_schema_extra={"minLength": 1})

a: Annotated[str, "a note"]
b: Annotated[str, Field(alias="y"), 5]
c: Annotated[int, Field(default=3)]
d: str = ...
e: Annotated[int, Field(default=3, ge=1)] = 5
f: Annotated[int, Field(alias="f1", description="one")] = Field(description="two", alias="f2")
g: Annotated[int, Field(alias="g1", default=1)] = Field(..., description="two")
h: Annotated[int, Field(default=3)] = ...
i: Annotated[int, Field(default=3), Field(ge=1), Field(default=4)]
j: "Annotated[Annotated[int, Field(alias='j1')], Field(default_factory=int)]"
k: Annotated[int, Field(json_schema_extra={"x": 1})] = Field(json_schema_extra={"y": 1})
l: list[Annotated[int, Field(ge=1)]]
m: Annotated[int, Field(description="x")] | None

name: str
children: list[M]
"""
PARENT = """
Size = Annotated[int, Field(default=3, alias="the size", ge=2)]

class A(BaseModel):
    \"\"\"A parent.\"\"\"

    model_config = ConfigDict(title="Parent", extra="forbid")

    a: int
    b: int = Field(alias="b1")
    c: int
    d: Size
"""
MODELS = [
    *(f"class M(BaseModel):\n{indent(body, '    ')}" for body in BODIES.strip().split("\n\n")),
    "class N(IntEnum):\n    one = 1\n    two = 2\n\nclass M(BaseModel):\n    n: N\n    제목: str",
    "class 값(BaseModel):\n    제목: str\n\nclass M(BaseModel):\n    n: 값\n    m: list[값]",
    "Mood = Literal['good', 'bad']\n\nclass M(BaseModel):\n    a: Mood\n    b: list[Mood]",
    "class A(BaseModel):\n    a: int\n\nclass B(A):\n    b: int = 1\n\nclass M(B):\n    a: str",
    "class A(BaseModel):\n    b: B | None\n\nclass B(BaseModel):\n    a: A\n\nclass M(BaseModel):\n    a: A",
    *(
        f"{PARENT}\nclass M(A):\n{indent(body, '    ')}"
        for body in (
            "pass",
            "c: int\na: str",
            "e: str\nb: str\na: int = 1\nd: int",
            "c: int = Field(alias='c1')\nb: str = Field(alias='b2')",
            "model_config = ConfigDict(extra='ignore')",
            "model_config = ConfigDict(title='Child', extra='allow')",
        )
    ),
    f"{PARENT}\nclass B(A):\n    a: int = 1\n\nclass M(B):\n    a: int\n    f: list[A]",
    NESTED,
]
