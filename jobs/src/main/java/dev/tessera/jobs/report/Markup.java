package dev.tessera.jobs.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes HTML and SVG that is well-formed XML too: every element closed, every text and attribute
 * escaped. Attributes come as name, value, name, value; a null value leaves its attribute out.
 */
final class Markup {
  private final StringBuilder out = new StringBuilder(1 << 16);
  private final Deque<String> open = new ArrayDeque<>();

  Markup open(String tag, Object... attributes) {
    begin(tag, attributes);
    out.append('>');
    open.push(tag);
    return this;
  }

  Markup close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** Closes the innermost element of a block and starts a new line. */
  Markup end() {
    close();
    out.append('\n');
    return this;
  }

  /** An element without content: an SVG shape or one of HTML's void elements. */
  Markup leaf(String tag, Object... attributes) {
    begin(tag, attributes);
    out.append("/>");
    return this;
  }

  /** An element that holds only text. */
  Markup element(String tag, String text, Object... attributes) {
    return open(tag, attributes).text(text).close();
  }

  Markup text(String text) {
    escape(text);
    return this;
  }

  /** Text of our own resources, already well-formed. */
  Markup trusted(String markup) {
    out.append(markup);
    return this;
  }

  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("Cannot finish the page: still open are " + open);
    }
    return out.toString();
  }

  private void begin(String tag, Object... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i + 1 < attributes.length; i += 2) {
      if (attributes[i + 1] != null) {
        out.append(' ').append(attributes[i]).append("=\"");
        escape(written(attributes[i + 1]));
        out.append('"');
      }
    }
  }

  private static String written(Object value) {
    return value instanceof Double number ? Numbers.coordinate(number) : value.toString();
  }

  private void escape(String text) {
    text.codePoints().forEach(this::escape);
  }

  private void escape(int codePoint) {
    switch (codePoint) {
      case '&' -> out.append("&amp;");
      case '<' -> out.append("&lt;");
      case '>' -> out.append("&gt;");
      case '"' -> out.append("&quot;");
      case '\'' -> out.append("&#39;");
      default -> out.appendCodePoint(isXmlCharacter(codePoint) ? codePoint : 0xFFFD);
    }
  }

  private static boolean isXmlCharacter(int codePoint) {
    boolean control = codePoint < 0x20 && codePoint != '\t' && codePoint != '\n';
    boolean loneSurrogate = codePoint >= Character.MIN_SURROGATE && codePoint <= 0xDFFF;
    return !control && !loneSurrogate && codePoint != 0xFFFE && codePoint != 0xFFFF;
  }
}
