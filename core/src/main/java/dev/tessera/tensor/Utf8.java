package dev.tessera.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text in UTF-8, where bytes that are none are refused and not replaced. */
final class Utf8 {
  private Utf8() {}

  static String text(byte[] bytes, String what) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException bad) {
      throw new IllegalArgumentException(what + " is not UTF-8", bad);
    }
  }
}
