package dev.tessera.imagery;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/** What became of a photo file: a view, or a reason that can be counted. */
public sealed interface PhotoOutcome extends Serializable {
  /** Where the file lies. */
  String uri();

  /** The path below the photo folder. */
  String name();

  /**
   * The file is a whole photo and its header was read.
   *
   * @param notes what was odd about the header, each at most once; the photo stays all the same
   */
  record Accepted(View view, List<Note> notes) implements PhotoOutcome {
    public Accepted {
      notes = notes.stream().distinct().sorted().toList();
    }

    @Override
    public String uri() {
      return view.uri();
    }

    @Override
    public String name() {
      return view.name();
    }
  }

  /**
   * The file cannot become a view.
   *
   * @param detail what was found and, where there is a remedy, what to do
   */
  record Quarantined(String uri, String name, Reason reason, String detail)
      implements PhotoOutcome {}

  /** Why a file is not a view. */
  enum Reason {
    /** No bytes. */
    EMPTY_FILE,
    /** The content is not that of any image format known here, whatever the name says. */
    NOT_AN_IMAGE,
    /** An image or video, but not one that is decoded here; the detail says how to convert it. */
    UNSUPPORTED_FORMAT,
    /** The file ends before its image does. */
    TRUNCATED,
    /** The file could not be fetched, or its structure is damaged. */
    UNREADABLE,
    /** Same bytes as a photo that is kept. */
    DUPLICATE,
    /** Fewer pixels on a side than a feature detector needs: a thumbnail or an icon. */
    TOO_SMALL,
    /** More bytes or pixels than one task can hold. */
    TOO_LARGE;

    /** The name used in tables. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Something odd in the header of an accepted photo. */
  enum Note {
    /** The position is (0, 0): what cameras write without a fix. The view has no position. */
    POSITION_AT_ZERO,
    /** Impossible coordinates, or no hemisphere given. The view has no position. */
    POSITION_INVALID,
    /** Position without altitude: height 0 with a sigma that says so. */
    ALTITUDE_MISSING,
    /** The orientation is not in 1..8: taken as upright. */
    ORIENTATION_INVALID,
    /** The metadata could not be parsed, all or in part; the pixels are not concerned. */
    METADATA_DAMAGED;

    /** The name used in tables. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
