package dev.tessera.sfm;

/** A model, or why there is none. */
public sealed interface SfmOutcome {
  /** At least two views were registered. */
  record Mapped(SfmModel model) implements SfmOutcome {}

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
