package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import org.apache.commons.imaging.Imaging;
import org.apache.commons.imaging.formats.jpeg.JpegImageMetadata;
import org.apache.commons.imaging.formats.jpeg.exif.ExifRewriter;
import org.apache.commons.imaging.formats.tiff.write.TiffOutputSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A folder with everything that folders of photos have in them besides photos. */
class BadInputTest {
  private static final int GOOD = 14;

  /** What cannot become a view, with the reason that is wanted. */
  private static final Map<String, String> BAD =
      new TreeMap<>(
          Map.of(
              "odd/copy.jpg", "duplicate",
              "odd/empty.jpg", "empty_file",
              "odd/icon.png", "too_small",
              "odd/locked.jpg", "unreadable",
              "odd/phone.heic", "unsupported_format",
              "odd/text.jpg", "not_an_image",
              "odd/truncated.jpg", "truncated"));

  /** What is unusual and a photo all the same. */
  private static final List<String> UNUSUAL =
      List.of(
          "odd/cmyk.jpg",
          "odd/deep.png",
          "odd/deep.tif",
          "odd/large.jpg",
          "odd/no-header.jpg",
          "odd/nowhere.jpg");

  private static Path workspace;
  private static CommandLineRun run;

  @BeforeAll
  static void runOverEverything() throws Exception {
    Path photos = SmallTown.somePhotos(GOOD);
    Files.createDirectory(photos.resolve("odd"));
    writeBad(photos);
    writeUnusual(photos.resolve("odd"));
    Files.writeString(photos.resolve("readme.txt"), "passed over: not even called a photo");
    workspace = SmallTown.newFolder("bad input");
    run = SmallTown.run(photos, workspace);
  }

  @Test
  void aMapIsPublishedAllTheSame() throws Exception {
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(workspace.resolve("map/_SUCCESS")).exists();
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {cameras} where name like 'flight/%'"))
          .isEqualTo(GOOD);
    }
  }

  @Test
  void everyBadFileHasItsRowWithAReasonAndADetail() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      Map<String, String> quarantined = new TreeMap<>();
      for (List<Object> row :
          map.rows("select name, reason, detail from {ingest/quarantine} order by name")) {
        quarantined.put((String) row.get(0), (String) row.get(1));
        assertThat((String) row.get(2)).as("%s", row).isNotBlank();
      }
      assertThat(quarantined).isEqualTo(BAD);
      assertThat(
              map.rows(
                  "select name, reason, detail from {failures}"
                      + " where stage = 'ingest' and kind = 'photo' order by name"))
          .isEqualTo(
              map.rows("select name, reason, detail from {ingest/quarantine} order by name"));
    }
  }

  @Test
  void whatIsUnusualIsAPhoto() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select name from {ingest/views} where name like 'odd/%' order by 1"))
          .isEqualTo(UNUSUAL);
      assertThat(
              map.column(
                  "select name from {cameras} where name like 'odd/%' union all select name"
                      + " from {failures} where stage != 'ingest' and kind = 'photo' order by 1"))
          .isEqualTo(UNUSUAL);
    }
  }

  /** They show the town as their neighbours do, so that they find their place. */
  @Test
  void unusualPhotosAreDecodedWellEnoughToBePlaced() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select name from {cameras} where name like 'odd/%' order by name"))
          .isEqualTo(UNUSUAL);
      assertThat(map.rows("select width, height from {cameras} where name = 'odd/large.jpg'"))
          .containsExactly(List.of(8000, 6000));
    }
  }

  @Test
  void aPositionOfZeroAndNoPositionAreNone() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select name from {ingest/views} where lat is null order by name"))
          .isEqualTo(UNUSUAL);
    }
  }

  @Test
  void theRunSaysWhatItLeftOut() {
    assertThat(run.errLines())
        .anyMatch(
            line -> line.startsWith("ingest") && line.contains("27 photos: 20 views, 14 with"));
  }

  private static void writeBad(Path photos) throws IOException {
    Path odd = photos.resolve("odd");
    byte[] whole = Files.readAllBytes(photo(GOOD));
    Files.copy(photos.resolve(SmallTown.names().get(0)), odd.resolve("copy.jpg"));
    Files.createFile(odd.resolve("empty.jpg"));
    Files.writeString(odd.resolve("text.jpg"), "These are words, whatever the name says.\n");
    try (var out = Files.newOutputStream(odd.resolve("truncated.jpg"))) {
      out.write(whole, 0, whole.length / 2);
    }
    Files.write(
        odd.resolve("phone.heic"),
        "\0\0\0\30ftypheic\0\0\0\0mif1heic".getBytes(StandardCharsets.ISO_8859_1));
    ImageIO.write(
        new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB),
        "png",
        odd.resolve("icon.png").toFile());
    // A file whose bytes cannot be had, even by an administrator: reading it is an I/O error.
    Files.createSymbolicLink(odd.resolve("locked.jpg"), Path.of("/proc/self/mem"));
  }

  private static void writeUnusual(Path odd) throws IOException {
    Files.write(odd.resolve("cmyk.jpg"), cmyk(image(GOOD)));
    ImageIO.write(sixteenBit(image(GOOD + 1)), "png", odd.resolve("deep.png").toFile());
    ImageIO.write(sixteenBit(image(GOOD + 2)), "tiff", odd.resolve("deep.tif").toFile());
    ImageIO.write(enlarged(image(GOOD + 3)), "jpg", odd.resolve("large.jpg").toFile());
    Files.copy(photo(GOOD + 4), odd.resolve("no-header.jpg"));
    SmallTown.stripExif(odd.resolve("no-header.jpg"));
    Files.write(odd.resolve("nowhere.jpg"), atZero(Files.readAllBytes(photo(GOOD + 5))));
  }

  private static Path photo(int i) throws IOException {
    return SmallTown.photos().resolve(SmallTown.names().get(i));
  }

  private static BufferedImage image(int i) throws IOException {
    return ImageIO.read(photo(i).toFile());
  }

  /** Four inks, inverted as the programs of print shops store them: 255 is no ink. */
  private static byte[] cmyk(BufferedImage rgb) throws IOException {
    WritableRaster inks =
        Raster.createInterleavedRaster(0, rgb.getWidth(), rgb.getHeight(), 4, null);
    for (int y = 0; y < rgb.getHeight(); y++) {
      for (int x = 0; x < rgb.getWidth(); x++) {
        int c = rgb.getRGB(x, y);
        inks.setPixel(x, y, new int[] {c >> 16 & 255, c >> 8 & 255, c & 255, 255});
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(inks, null, null), null);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static BufferedImage sixteenBit(BufferedImage image) {
    BufferedImage deep =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_USHORT_GRAY);
    draw(image, deep);
    return deep;
  }

  private static BufferedImage enlarged(BufferedImage image) {
    BufferedImage large = new BufferedImage(8000, 6000, BufferedImage.TYPE_BYTE_GRAY);
    draw(image, large);
    return large;
  }

  private static void draw(BufferedImage from, BufferedImage to) {
    Graphics2D graphics = to.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(from, 0, 0, to.getWidth(), to.getHeight(), null);
    graphics.dispose();
  }

  /** What a camera writes that has no fix. */
  private static byte[] atZero(byte[] jpeg) throws IOException {
    JpegImageMetadata metadata =
        (JpegImageMetadata) Imaging.getMetadata(new ByteArrayInputStream(jpeg), "nowhere.jpg");
    TiffOutputSet tags = metadata.getExif().getOutputSet();
    tags.setGpsInDegrees(0, 0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ExifRewriter().updateExifMetadataLossless(jpeg, out, tags);
    return out.toByteArray();
  }
}
