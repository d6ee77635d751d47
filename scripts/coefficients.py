# Computes the polynomial coefficients in src/engine/wasm/constants.ts and prints the errors of the polynomials.
#
#   /usr/bin/python3 scripts/coefficients.py        (Debian: python3-mpmath)
#
# Near-minimax fits (Chebyshev, 60 digits) of
#   (e^r − 1 − r) / r²         on |r| ≤ ln2/2, in r      → EXP: e^r = 1 + r + r²·Q(r)
#   (atanh(s)/s − 1) / s²      on 0 ≤ s² ≤ 1/9, in s²    → ATANH: log1p(t) = 2·atanh(t/(2+t)), t in 0…1
# Each coefficient has as few digits as possible: rounding it changes the result by less than 1/64 of the unit roundoff.
import mpmath as mp

mp.mp.dps = 60
HALF_LN2 = mp.log(2) / 2


def exp_remainder(r):
    return mp.mpf(1) / 2 + r / 6 if abs(r) < mp.mpf(10) ** -20 else (mp.exp(r) - 1 - r) / r**2


def atanh_remainder(u):
    if u < mp.mpf(10) ** -20:
        return mp.mpf(1) / 3 + u / 5
    s = mp.sqrt(u)
    return (mp.atanh(s) / s - 1) / u


def shorten(coefficient, harm):
    """The coefficient in the fewest digits that change it by no more than `harm`."""
    for digits in range(1, 18):
        text = mp.nstr(coefficient, digits, min_fixed=-1)
        if abs(mp.mpf(text) - coefficient) <= harm:
            return text
    return text


def report(name, function, interval, terms, weight, roundoff):
    low, high = interval
    places = [low + (high - low) * i / 2000 for i in range(2001)]
    coefficients, _ = mp.chebyfit(function, interval, terms, error=True)
    texts = []
    for power, coefficient in enumerate(reversed(coefficients)):
        reach = max(abs(x) ** power * weight(x) for x in places)
        texts.append(shorten(coefficient, roundoff / 64 / reach))
    rounded = [mp.mpf(text) for text in reversed(texts)]
    worst = max(abs(mp.polyval(rounded, x) - function(x)) * weight(x) for x in places)
    print(f"{name}: relative error {mp.nstr(worst, 3)}")
    print("  " + ", ".join(texts))


for bits, roundoff, exp_terms, atanh_terms in ((32, mp.mpf(2) ** -24, 5, 5), (64, mp.mpf(2) ** -53, 10, 10)):
    report(f"EXP float{bits}", exp_remainder, [-HALF_LN2, HALF_LN2], exp_terms, lambda r: r**2 / mp.exp(r), roundoff)
    report(f"ATANH float{bits}", atanh_remainder, [mp.mpf(0), mp.mpf(1) / 9], atanh_terms, lambda u: u, roundoff)
