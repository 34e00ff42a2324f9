"""Random numbers that a page can repeat: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), here in NumPy.

A block of four 32-bit words is a function of a counter and a key, so any stretch of any stream can be had without what
came before it, and all blocks at once. js/philox.js is the same generator.
"""

import numpy as np

MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
WEYL = 0x9E3779B9, 0xBB67AE85
MASK = np.uint64(0xFFFFFFFF)


def philox(counter, key):
    """The four words of each block: counter (4, ...) and key (2, ...) of whole numbers below 2^32; uint64 (4, ...).

    >>> [f"{int(word):x}" for word in philox([0, 0, 0, 0], [0, 0])]  # from the authors' known answers
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = (np.asarray(word, dtype=np.uint64) for word in counter)
    k0, k1 = (int(word) for word in key)
    for _ in range(10):
        first, second = c0 * np.uint64(MULTIPLIERS[0]), c2 * np.uint64(MULTIPLIERS[1])
        c0, c2 = (second >> np.uint64(32)) ^ c1 ^ np.uint64(k0), (first >> np.uint64(32)) ^ c3 ^ np.uint64(k1)
        c1, c3 = second & MASK, first & MASK
        k0, k1 = (k0 + WEYL[0]) & int(MASK), (k1 + WEYL[1]) & int(MASK)
    return np.stack([c0, c1, c2, c3])


def gaussians(seed, stream, index, count):
    """`count` independent standard Gaussians, the `index`-th batch of a stream: two words make two (Box and Muller 1958).

    >>> [round(float(x), 4) for x in gaussians(0, 0, 0, 2)]
    [0.9911, -0.9247]
    """
    blocks = np.arange(-(-count // 4), dtype=np.uint64)
    fixed = [np.full_like(blocks, number) for number in (index, stream, 0)]
    words = philox([blocks, *fixed], [seed, 0])
    unit = (words.astype(float) + 0.5) / 2.0**32
    radius, angle = np.sqrt(-2 * np.log(unit[::2])), 2 * np.pi * unit[1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)  # (pair, which, block)
    return pairs.reshape(4, -1).T.ravel()[:count]
