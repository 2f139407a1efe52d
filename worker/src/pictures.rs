//! Pictures that somebody at a console asked to see: fetched, decoded and made small here, never in a process that draws.
//! What a stranger's picture may cost is bounded: bytes, pixels, memory, time. A sweep and no effects of the ledger: nobody
//! has to be told of a picture that can't be made but whoever looks.

use std::{io::Cursor, time::Duration};

use futures_util::future::join_all;
use image::{ImageReader, Limits};
use jointforce_shared::{
    commands::{self, House, picture},
    domain::picture::{Picture, PicturePolicy, SIDE},
    store::{self, leases, pictures},
};
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use crate::outside::Gallery;

/// How often it is looked for what was asked: somebody waits for it.
const LOOK: Duration = Duration::from_secs(1);
/// Pictures at a time.
const AT_A_TIME: i64 = 4;
/// The lease under which one worker makes them, and how much longer than the work it lasts.
const LEASE: &str = "pictures";
const SLACK: Duration = Duration::from_secs(10);
/// Memory of a decoder, in bytes a pixel.
const BYTES_A_PIXEL: u64 = 8;
/// A longer side is no picture's.
const SIDE_MAX: u32 = 30_000;

/// Makes what is asked for, until `stop` turns true.
pub(crate) async fn make_until_stopped(
    gallery: Gallery,
    mut house: House,
    name: String,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        // A policy that can't be read is told of by the sweep; the one in hand stays.
        let _ = house.refresh().await;
        match turn(&gallery, &house, &name).await {
            Ok(true) => {}
            Ok(false) => tokio::select! { () = sleep(LOOK) => {} _ = stop.changed() => {} },
            Err(error) => {
                warn!("pictures could not be made: {error}");
                tokio::select! { () = sleep(LOOK) => {} _ = stop.changed() => {} }
            }
        }
    }
}

/// Makes a few, if this worker is the one that does. Whether there may be more.
async fn turn(gallery: &Gallery, house: &House, name: &str) -> commands::Result<bool> {
    if pictures::asked(&mut house.db.read().await?, 1).await?.is_empty() || !hold(house, name).await? {
        return Ok(false);
    }
    let urls = pictures::asked(&mut house.db.read().await?, AT_A_TIME).await?;
    let policy = &house.policy.console.pictures;
    let made = join_all(urls.iter().map(|url| make(gallery, url, policy))).await;
    for (url, made) in urls.iter().zip(&made) {
        if let Err(why) = made {
            info!("a picture can't be shown: {why}");
        }
        picture::settle(house, url, made).await?;
    }
    Ok(!urls.is_empty())
}

async fn hold(house: &House, name: &str) -> store::db::Result<bool> {
    let mut tx = house.db.write().await?;
    let ours = leases::take(&mut tx, LEASE, name, house.policy.console.pictures.timeout * 2 + SLACK).await?;
    tx.commit().await?;
    Ok(ours)
}

/// Fetches a picture and makes it small.
async fn make(gallery: &Gallery, url: &str, policy: &PicturePolicy) -> Result<Picture, String> {
    let bytes_max = usize::try_from(policy.bytes_max).unwrap_or(usize::MAX);
    let bytes = gallery.fetch(url, bytes_max, policy.timeout).await?;
    let pixels_max = u64::from(policy.pixels_max);
    // A thread can't be stopped, but what it decodes is bounded, and nobody waits for it for longer.
    match timeout(policy.timeout, spawn_blocking(move || small(&bytes, pixels_max))).await {
        Ok(Ok(made)) => made,
        Ok(Err(_)) => Err("it broke the decoder".to_owned()),
        Err(_) => Err("it took too long to decode".to_owned()),
    }
}

/// A small picture from a file, on white where it is transparent.
fn small(bytes: &[u8], pixels_max: u64) -> Result<Picture, String> {
    let reader = || {
        let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| e.to_string())?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(SIDE_MAX);
        limits.max_image_height = Some(SIDE_MAX);
        limits.max_alloc = Some(pixels_max * BYTES_A_PIXEL);
        reader.limits(limits);
        if reader.format().is_none() {
            return Err("it is no PNG, JPEG or WebP".to_owned());
        }
        Ok(reader)
    };
    // What it says of itself, before anything is decoded.
    let (width, height) = reader()?.into_dimensions().map_err(|error| error.to_string())?;
    if u64::from(width) * u64::from(height) > pixels_max {
        return Err(format!("{width} by {height} pixels are too many"));
    }
    let whole = reader()?.decode().map_err(|error| error.to_string())?;
    let small = whole.thumbnail(u32::from(SIDE), u32::from(SIDE)).to_rgba8();
    let pixels = small.pixels().map(|pixel| {
        let [r, g, b, alpha] = pixel.0;
        let on_white = |part: u8| {
            let (part, alpha) = (u16::from(part), u16::from(alpha));
            u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        [r, g, b].map(on_white)
    });
    let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    Picture::new(side(small.width()), side(small.height()), pixels.collect()).ok_or_else(|| "it is empty".to_owned())
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;
    use crate::outside::Range;

    const MANY: u64 = 25_000_000;

    /// A picture whose left half is red and whose right half can't be seen.
    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let half = |x, _| if x < width / 2 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 0, 0]) };
        let image = DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, half));
        let image = if format == ImageFormat::Jpeg { DynamicImage::ImageRgb8(image.to_rgb8()) } else { image };
        let mut bytes = vec![];
        image.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    #[test]
    fn png_jpeg_and_webp_are_made_small_and_keep_their_shape() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let picture = small(&file(300, 150, format), MANY).unwrap();
            assert_eq!(picture.size(), (30, 15), "{format:?}");
            let [r, g, b] = picture.at(3, 7).unwrap();
            assert!(r > 230 && g < 30 && b < 30, "{format:?}: {r} {g} {b}");
        }
        assert_eq!(small(&file(10, 10, ImageFormat::Png), MANY).unwrap().at(29, 0), Some([255; 3]), "on white");
    }

    #[test]
    fn what_is_no_picture_or_says_that_it_is_huge_is_not_decoded() {
        assert_eq!(small(b"<html>", MANY).unwrap_err(), "it is no PNG, JPEG or WebP");
        let good = file(40, 40, ImageFormat::Png);
        for end in 0..good.len() {
            let cut = small(&good[..end], MANY);
            assert!(cut.is_err() || end > good.len() / 2, "cut after {end} bytes");
        }
        assert_eq!(small(&good, 1_599).unwrap_err(), "40 by 40 pixels are too many");
        let mut bomb = good;
        // The width and height that the header says, with the sum that a PNG has behind them.
        bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0, 0, 0, 0x75, 0]);
        let sum = bomb[12..29].iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
        });
        bomb[29..33].copy_from_slice(&(!sum).to_be_bytes());
        assert_eq!(small(&bomb, MANY).unwrap_err(), "29952 by 29952 pixels are too many");
    }

    /// A host that answers every call with `answer` and then says nothing more.
    async fn host(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/1.png", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut open = vec![];
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(&answer).await;
                open.push(socket);
            }
        });
        url
    }

    fn ok(body: &[u8]) -> Vec<u8> {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    #[tokio::test]
    async fn a_picture_is_fetched_from_where_one_may_go_and_only_as_much_and_as_long_as_policy_says() {
        let here = Gallery::new(&[Range::LOOPBACK]).unwrap();
        let policy = PicturePolicy { timeout: Duration::from_millis(500), ..PicturePolicy::default() };
        let png = file(60, 60, ImageFormat::Png);
        let good = host(ok(&png)).await;
        assert_eq!(make(&here, &good, &policy).await.unwrap().size(), (30, 30));
        let public = Gallery::new(&[]).unwrap();
        assert_eq!(make(&public, &good, &policy).await.unwrap_err(), "127.0.0.1 is not on the public internet");
        assert!(make(&here, "file:///etc/passwd", &policy).await.unwrap_err().contains("not http"));
        let few = PicturePolicy { bytes_max: 10, ..policy.clone() };
        assert_eq!(make(&here, &good, &few).await.unwrap_err(), "it has more than 10 bytes");
        let moved = host(b"HTTP/1.1 302 Found\r\nlocation: /2.png\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
        assert_eq!(make(&here, &moved, &policy).await.unwrap_err(), "its host answered 302");
        let hangs = host(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx".to_vec()).await;
        assert_eq!(make(&here, &hangs, &policy).await.unwrap_err(), "its host took too long");
    }
}
