"""How much a row may hold."""

#: The most that one entry may amount to, in đồng.
MOST_VND = 10**15

#: Three letters each, as ISO 4217 has them: those that reach an association.
CURRENCIES = (
    "VND",
    "USD",
    "EUR",
    "JPY",
    "KRW",
    "CNY",
    "TWD",
    "SGD",
    "THB",
    "AUD",
    "CAD",
    "GBP",
    "CHF",
    "NZD",
    "SEK",
    "NOK",
    "DKK",
    "MYR",
    "IDR",
    "PHP",
    "LAK",
    "KHR",
    "INR",
    "RUB",
)
