package dev.tessera.imagery;

/** Views of files that were made for a test. */
final class SampleView {
  private SampleView() {}

  static View of(String name, int width, int height, int orientation) {
    return new View(
        new ViewId(1),
        "file:/" + name,
        name,
        "0".repeat(64),
        width,
        height,
        orientation,
        new FocalPrior(100, FocalPrior.Source.ASSUMED),
        "camera",
        null,
        null);
  }
}
