package dev.tessera.imagery;

import java.io.Serializable;

/**
 * Names a view by the content of its photo: the first 63 bits of the SHA-256, so that the same
 * photo has the same id in every run and workspace.
 */
public record ViewId(long value) implements Serializable, Comparable<ViewId> {
  private static final int HEX_DIGITS = 16;

  public ViewId {
    if (value < 0) {
      throw new IllegalArgumentException("View id must not be negative, was " + value);
    }
  }

  public static ViewId ofSha256(String hex) {
    return new ViewId(Long.parseUnsignedLong(hex.substring(0, HEX_DIGITS), 16) >>> 1);
  }

  @Override
  public int compareTo(ViewId o) {
    return Long.compare(value, o.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
