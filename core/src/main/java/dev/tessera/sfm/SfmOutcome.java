package dev.tessera.sfm;

/** A model, or why there is none. */
public sealed interface SfmOutcome {
  /**
   * At least two views were registered.
   *
   * @param looks of the model's points; it holds the features of all views
   */
  record Mapped(SfmModel model, PointLooks looks) implements SfmOutcome {}

  /** No two views could be brought together. */
  record Unmapped(Reason reason, String detail) implements SfmOutcome {}

  /** Why there is no model. */
  enum Reason {
    TOO_FEW_VIEWS,
    UNREADABLE_PHOTOS,
    TOO_FEW_MATCHES,
    NO_PARALLAX
  }
}
