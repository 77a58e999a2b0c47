package dev.tessera.map;

import java.util.Arrays;

/** Bytes that grow as numbers are written to them. */
final class RunBytes {
  private byte[] bytes = new byte[1 << 12];
  private int length;

  byte[] toArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** Seven bits per byte, the lowest first; the highest bit says that more follow. */
  void writeVarint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** The lowest {@code count} bytes of the value, the lowest first. */
  void writeBytes(long value, int count) {
    reserve(count);
    for (int i = 0; i < count; i++) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
  }

  /** Reads numbers in the order in which they were written. */
  static final class Reader {
    private final byte[] bytes;
    private int at;

    Reader(byte[] bytes) {
      this.bytes = bytes;
    }

    boolean hasNext() {
      return at < bytes.length;
    }

    long readVarint() {
      long value = 0;
      int shift = 0;
      byte next;
      do {
        next = bytes[at++];
        value |= (next & 0x7fL) << shift;
        shift += 7;
      } while (next < 0);
      return value;
    }

    long readBytes(int count) {
      long value = 0;
      for (int i = 0; i < count; i++) {
        value |= (bytes[at++] & 0xffL) << (8 * i);
      }
      return value;
    }
  }
}
