package dev.tessera.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.jobs.report.LocalizedPage.Photo;
import java.io.StringReader;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportWriterTest {
  /** What a mail attachment may weigh: 20,000 points and 5,000 cameras stay far below. */
  private static final int MOST_CHARACTERS = 3_000_000;

  @Test
  void aPageIsWellFormedWithEverythingAndWithNothing() {
    for (MapReport report :
        List.of(
            Reports.full(),
            Reports.empty(),
            Reports.withCameras(Reports.cameras(1, true), 1, 1),
            Reports.withCameras(Reports.cameras(9, false), 9, 2))) {
      Document page = parsed(ReportWriter.html(report));

      assertThat(page.getDocumentElement().getTagName()).isEqualTo("html");
      assertThat(page.getElementsByTagName("h1").getLength()).isEqualTo(1);
    }
  }

  @Test
  void everyNumberGivenIsOnThePage() {
    Document page = parsed(ReportWriter.html(Reports.full()));
    String text = page.getElementsByTagName("main").item(0).getTextContent();

    assertThat(text)
        .contains("1,234", "17 quarantined", "1,199 / 1,217", "98.5 % of views", "7.65 M")
        .contains("1 h 10 min", "4 Mar 2026, 05:06 to 06:16 UTC", "run-41", "sfm")
        .contains("0.13 m", "1 min 01 s", "13.7", "38 of 40", "0 of 9")
        .contains("1,871", "0.93", "too few inliers", "4.56 m")
        .contains("median 0.19 px", "median 1.10 m")
        .contains("a.jpg", "unreadable", "cut after 81 bytes")
        .contains("halo-meters", "33.5", "1 of 2 differ from the default")
        .contains("4.25 s", "12 min 57 s", "Position error", "0.23 m", "against the survey")
        .contains("No GPU was found.");
  }

  @Test
  void localizedPhotosAreRingsInTheirFrameAndRowsOfATable() {
    List<Photo> photos =
        List.of(
            new Photo("found.jpg", "located", "", 10, 10, 90, 0, 0, true, 0.9, 312, 0.02),
            new Photo("maybe.jpg", "uncertain", "", 20, 10, Double.NaN, 1, 0, true, 0.3, 21, 0.7),
            new Photo(
                "no.jpg",
                "not_located",
                "pose_not_found",
                Double.NaN,
                Double.NaN,
                Double.NaN,
                -1,
                -1,
                false,
                Double.NaN,
                Double.NaN,
                Double.NaN));

    String html = LocalizedPage.html(Reports.full(), photos, 3, "1 located, 1 uncertain");

    Document page = parsed(html);
    assertThat(page.getElementsByTagName("h1").getLength()).isEqualTo(1);
    assertThat(html)
        .containsOnlyOnce("class=\"photo\"")
        .containsOnlyOnce("class=\"photo uncertain\"")
        .contains("2 photos in rings", "pose_not_found", "312", "1 located, 1 uncertain");
  }

  @Test
  void aPageWithoutALocalizedPhotoSaysSo() {
    Document page = parsed(LocalizedPage.html(Reports.empty(), List.of(), 0, "nothing"));

    assertThat(page.getDocumentElement().getTextContent()).contains("No photo has a place");
  }

  @Test
  void namesAreTextNeverMarkup() {
    String name = "<script>alert('1')</script>&\"\u0001.jpg";

    String html = ReportWriter.html(Reports.named(name));

    assertThat(parsed(html).getElementsByTagName("script").getLength()).isEqualTo(1);
    assertThat(html).doesNotContain("<script>alert").contains("&lt;script&gt;alert(&#39;1&#39;)");
  }

  @Test
  void aPageNeedsNothingFromOutside() {
    String html = ReportWriter.html(Reports.full());

    assertThat(html).doesNotContain("http:", "https:", "@import", "url(", "<link");
    NodeList images = parsed(html).getElementsByTagName("image");
    for (int i = 0; i < images.getLength(); i++) {
      String uri = images.item(i).getAttributes().getNamedItem("href").getNodeValue();
      assertThat(uri).startsWith("data:image/png;base64,");
    }
  }

  @Test
  void theSameReportGivesTheSamePage() {
    assertThat(ReportWriter.html(Reports.full())).isEqualTo(ReportWriter.html(Reports.full()));
  }

  @Test
  void aPageOfAHundredThousandCamerasIsSmallAndSaysWhatItShows() {
    MapReport city = Reports.withCameras(Reports.cameras(100_000, true), 120_000, 1);

    String html = ReportWriter.html(city);

    assertThat(html).hasSizeLessThan(MOST_CHARACTERS).contains("5,000 of 120,000 cameras");
  }

  @Test
  void componentsWithoutGpsHaveAPictureEachAndNoMetres() {
    String html = ReportWriter.html(Reports.withCameras(Reports.cameras(20, false), 20, 2));

    assertThat(html)
        .contains("Component 0", "Component 1", "x, chunk units", "not georeferenced")
        .contains("0.21 chunk units")
        .contains("No camera of this map has a GPS position")
        .doesNotContain("metres east", "class=\"north\"");
  }

  @Test
  void everyPictureIsDescribedInWords() {
    NodeList pictures = parsed(ReportWriter.html(Reports.full())).getElementsByTagName("svg");

    assertThat(pictures.getLength()).isEqualTo(5);
    for (int i = 0; i < pictures.getLength(); i++) {
      assertThat(pictures.item(i).getAttributes().getNamedItem("aria-label").getNodeValue())
          .isNotBlank();
      assertThat(pictures.item(i).getFirstChild().getNodeName()).isEqualTo("desc");
    }
  }

  @Test
  void placesFarFromTheOriginAndPlacesWithoutExtentAreDrawn() {
    Random random = new Random(8);
    for (double offset : new double[] {0, 1e3, 1e9, -1e12, Double.NaN}) {
      List<MapReport.Camera> stack =
          List.of(camera(offset, random.nextDouble()), camera(offset, random.nextDouble()));

      assertThat(parsed(ReportWriter.html(Reports.withCameras(stack, 2, 1)))).isNotNull();
    }
  }

  @Test
  void aRunCannotEndBeforeItBegan() {
    Instant start = Instant.parse("2026-03-04T05:06:07Z");

    assertThatThrownBy(() -> new MapReport.Run("t", "r9", "sfm", start, start.minusSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot report run r9");
  }

  private static MapReport.Camera camera(double at, double heading) {
    return new MapReport.Camera("v.jpg", at, at, at, 360 * heading, 0, 0, 0, true, null);
  }

  private static Document parsed(String html) {
    String body = html.substring("<!DOCTYPE html>".length());
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(body)));
    } catch (Exception e) {
      throw new AssertionError("The page is not well-formed: " + e.getMessage(), e);
    }
  }
}
