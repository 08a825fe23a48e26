"""Numbers in words, in English and in Korean, where they stand before a noun."""

_ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_KOREAN = ("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")

ENGLISH_NUMBERS = {word: number for number, word in enumerate(_ENGLISH, 1)}
KOREAN_NUMBERS = {word: number for number, word in enumerate(_KOREAN, 1)}
