"""What slides 1 to 4 say, a family each: titles, facts and speaker notes."""

from __future__ import annotations

from app.deck.slide import Outline, Section

FAMILIES: tuple[Outline, ...] = (
    Outline(
        1,
        "VAEs: Encode, Sample, Decode",
        "The foundation of latent space generation",
        "VAE",
        "vae",
        "science",
        (
            Section(
                "How it works",
                (
                    "The encoder compresses an image to a short vector: 128 numbers here, "
                    "often 256.",
                    "Not to a point but to a distribution: a mean and a variance.",
                    "The decoder rebuilds the image from a sample of it.",
                    "Training keeps the space smooth, so random points decode to new images.",
                ),
            ),
            Section(
                "For and against",
                (
                    "Stable: reconstruction + KL, no adversary.",
                    "Smooth: walk between two images.",
                    "Fast: one pass of the decoder.",
                    "Blurry: the average of all plausible images costs the least.",
                ),
            ),
            Section(
                "Legacy",
                (
                    "Hardly used alone any more, but at work inside nearly everything:",
                    "the “latent” of Stable Diffusion, and the VAEs of video models;",
                    "audio encoders over spectrograms;",
                    "VQ-VAE, its discrete cousin, in DALL-E 1 and audio tokens.",
                ),
            ),
        ),
        "Its lasting gift is a learned latent space: that is what makes diffusion affordable.",
        (
            "Press Play: four real faces go in, μ and σ come out, then a sample, then faces again.",
            "Ask: which details went missing? Glasses frames and mouths, where plausible versions "
            "disagree and the average is soft.",
            "Open Interpolate and drag the bar to show that the space has no holes.",
            "Imagine: left, a plain Gaussian; right, the same decoder after a small learned prior "
            "has moved z. It is latent diffusion in the small: come back to it on slide 7.",
        ),
    ),
    Outline(
        2,
        "GANs: The Adversarial Game",
        "Generator against discriminator: sharp but unstable",
        "GAN",
        "gan",
        "flash_on",
        (
            Section(
                "How it works",
                (
                    "A generator turns noise into images and tries to fool a judge.",
                    "A discriminator learns to tell real from generated.",
                    "A minimax game: each makes the other better.",
                    "Sharper than a VAE: a blurred face is easily caught.",
                ),
            ),
            Section(
                "The GAN era, 2014–2021",
                (
                    "2015 DCGAN: the first stable convolutional GAN.",
                    "2018 StyleGAN: photorealistic faces, a style at each layer.",
                    "2018 BigGAN: class-conditional at ImageNet scale.",
                    "2020 StyleGAN2: near-perfect faces at 1024×1024.",
                ),
            ),
            Section(
                "Why they lost",
                (
                    "Unstable: mode collapse, oscillation, no convergence.",
                    "Hard to steer: no text, until GigaGAN and StyleGAN-T came in 2023, too late.",
                    "No likelihood to compare models by.",
                    "One small change of a setting can ruin the training.",
                ),
            ),
        ),
        "The first photorealistic AI images. Diffusion inherited the quality and added stability "
        "and control.",
        (
            "Play the film: both trainings start from the same code; only the recipe differs.",
            "Stop the film on the right where faces begin to repeat. Ask what the discriminator "
            "could have done about it.",
            "Fresh faces: pull ψ to 0 and watch fifteen faces become one.",
        ),
    ),
    Outline(
        3,
        "Normalizing Flows & Autoregressive Models",
        "Two more branches of the tree",
        "Flow",
        "flow",
        "waves",
        (
            Section(
                "Flows",
                (
                    "A chain of invertible maps from a Gaussian to images.",
                    "So the exact likelihood of any image can be computed.",
                    "For: exact, invertible, clean theory.",
                    "Against: costly, and invertibility limits what a layer can do.",
                ),
            ),
            Section(
                "Autoregressive",
                (
                    "Turn the image into discrete tokens (VQ-VAE), predict the next one.",
                    "The same architecture as text models; DALL-E 1 drew this way.",
                    "For: in-context learning, flexible conditioning.",
                    "Against: slow, token by token, and errors accumulate.",
                ),
            ),
            Section(
                "Legacy",
                (
                    "Flows: flow matching, in Stable Diffusion 3 and Flux, drops the constraint.",
                    "Autoregressive is coming back: Parti (Google), Chameleon (Meta), "
                    "parts of Gemini.",
                    "Perhaps a hybrid: autoregressive for structure, diffusion for detail.",
                ),
            ),
        ),
        "Autoregression joins text and images in one architecture. At scale it may rival "
        "diffusion, or complete it.",
        (
            "Play shows the flow; There and back shows that it loses nothing. The face gets the "
            "training noise first: a clean one is nothing the flow has seen, and its z would "
            "still look like a face.",
            "Pull Guidance to 1: this draws from the density itself. Guidance trades its "
            "likelihood for clear shapes, as it does in diffusion on the next slide.",
            "In How likely? ask the class to guess the order before the bars appear.",
            "Token by token: pause in the middle and read the candidates for the next token. Ask "
            "in your own words; the model knows faces, no landscapes.",
            "Data: Fashion-MNIST are photographs. There the second model writes raw pixels, and "
            "docs/evidence.md sets its likelihood and the flow's beside published ones.",
        ),
    ),
    Outline(
        4,
        "Diffusion Models: The Champion",
        "Add noise, learn to reverse it",
        "Diffusion",
        "diffusion",
        "blur_on",
        (
            Section(
                "How it works",
                (
                    "Forward: add Gaussian noise over T steps, typically T = 1000.",
                    "Reverse: a network learns to predict and remove the noise of each step.",
                    "Generate: start from pure noise and denoise.",
                    "T steps in the original; modern solvers need 10 to 50.",
                ),
            ),
            Section(
                "Why it won",
                (
                    "Stable: plain squared error on the noise.",
                    "Quality that matches or beats GANs.",
                    "Diverse: no mode collapse.",
                    "Controllable: classifier-free guidance.",
                    "Composable: text, edges, depth maps, poses.",
                ),
            ),
            Section(
                "The latent trick",
                (
                    "1024×1024 pixels are 3.1 million values.",
                    "A VAE makes them a 128×128 latent: 64× fewer positions.",
                    "With 4 channels instead of 3, that is 48× fewer values.",
                    "Diffusion there is 10–100× cheaper, with little loss.",
                ),
            ),
        ),
        "The backbone of nearly all image and video generation: Stable Diffusion, DALL-E 3, "
        "Midjourney, Sora, Flux.",
        (
            "Begin with Add noise and drag: where does the class lose the face?",
            "Then Denoise: point at the right half. The network guesses a clean face from the "
            "first step on; the steps only make it sure.",
            "Type as the class speaks: below the prompt stands what the model reads of it. It "
            "knows only faces; asked for a landscape it says so, and leads to slide 7 with that "
            "prompt.",
            "Set guidance to 0, then to 8, with the same seed.",
            "Data: Fashion-MNIST are photographs of ten kinds of clothing. Type one: sneaker.",
        ),
    ),
)
